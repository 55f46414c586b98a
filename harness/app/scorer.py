"""A metric of the user's, run in the app's interpreter: one process per file, started when it is first asked.

Whatever the metric does wrong becomes one PluginError with its place; what it prints goes nowhere and hurts nobody.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from harness import requirements
from harness.app.link import Link
from harness.app.spawn import spawn
from harness.errors import PluginError
from harness.redaction import Redactor
from harness.types import Case, Json, Run

START = 120.0  # seconds that importing the file may take
GRACE = 3.0  # seconds that the worker has to say itself that the time is up


@dataclass(frozen=True, slots=True)
class Source:
    """One metric file, as read when it was found: what is run is this text, whatever the file holds by then."""

    name: str  # of the metric
    path: str  # relative to the root, with forward slashes
    line: int  # of its score function
    text: str
    evaluator: str = ""  # "module:name" of one of another tool, in place of the text


class Scorer:
    """Implements ``score`` of ``protocols.Metric`` for one file. Used by one thread."""

    def __init__(self, python: str, root: Path, source: Source, timeout: float) -> None:
        self._python, self._root, self._source, self._timeout = python, root, source, timeout
        self._redact = Redactor.of({}, ())
        self._link: Link | None = None

    def score(self, case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
        """What the file's ``score`` answers.

        Raises PluginError when it raises, takes more than the timeout, ends its process, or answers neither a number
        nor a text; AppError when the interpreter cannot be started.
        """
        if self._link is None:
            self._link = self._start()
        told = {**_plain(run), "lost": run.lost}
        self._link.channel.send({"op": "score", "case": _plain(case), "run": told, "options": _plain(options)})
        event = self._link.event(self._timeout + GRACE)
        if event is not None and event["op"] == "scored":
            value: float | str = event["value"]
            return value
        raise self._error(event, f" for case {case.id}")

    def close(self) -> None:
        """End the process. Safe to call twice."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _start(self) -> Link:
        process, ours, tail = spawn(self._python, ["score"], str(self._root), {})
        self._link = link = Link(ours, tail, lambda: _end(process))
        source = self._source
        order = {"root": str(self._root), "path": source.path, "source": source.text, "evaluator": source.evaluator}
        link.channel.send({"op": "load", **order, "timeout": self._timeout})
        event = link.event(START)
        if event is None or event["op"] != "ready":
            raise self._error(event, " while it was imported")
        return link

    def _mend(self, event: dict[str, Any]) -> str:
        """What to do about an exception: a run that has begun keeps to the metric that it began with."""
        if event["module"]:
            return f"install it there: {self._python} -m pip install {requirements.package(event['module'])}"
        place = f"{self._source.path}:{event['line'] or self._source.line}"
        lacking = " (what some cases lack: `case.expected.get(...)`)" if event["type"] == "KeyError" else ""
        return f"mend {place}{lacking}, then start again: model calls on record are replayed"

    def _error(self, event: dict[str, Any] | None, when: str) -> PluginError:
        """What went wrong, in words; the process is gone afterwards, and a later score starts another."""
        name, where, fix = self._source.name, f"{self._source.path}:{self._source.line}", ""
        if event is None or event["op"] == "late":
            words = f"metric {name} gave no answer within {self._timeout:g} s{when}"
            fix = "make it faster, or raise `timeout` in [tool.harness]"
        elif event["op"] == "odd":
            words = f"metric {name} answered {event['value']}{when}"
            fix = "return a number, or a sentence that says why the case cannot be scored"
        elif event["op"] == "failed":
            words = f"metric {name} raised {event['type']}: {event['message']}{when}"
            fix = self._mend(event)
        else:
            tail = self._link.tail.last_words(self._root) if self._link else ""
            words = f"metric {name} ended its process{when}{f'; it printed: {tail}' if tail else ''}"
        if event is not None and event.get("line"):
            where = f"{self._source.path}:{event['line']}"
        self.close()
        return PluginError(self._redact.text(words), where=where, fix=fix)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _plain(value: Any) -> Any:
    """Nouns as dicts of their fields, everything else as JSON holds it."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
