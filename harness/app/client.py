"""One version of the app as the loop sees it: jobs in, runs out. Restarts the process when the app kills it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from harness.app.link import Link
from harness.app.options import AppOptions
from harness.app.redact import Redactor
from harness.app.session import Session
from harness.types import Call, Facts, Job, Run

Starter = Callable[[], tuple[Link, dict[str, Any]]]


class ChildApp:
    """Implements ``protocols.App``."""

    def __init__(self, start: Starter, tree: Path, version: str, options: AppOptions, redact: Redactor) -> None:
        self.tree, self.version = tree, version
        self.options, self.redact = options, redact
        self._start = start
        self._link: Link | None = None
        self._facts: dict[str, Any] = {}
        self.link()

    def describe(self) -> Facts:
        """What the app is, as found when it was started."""
        told = self._facts
        return Facts(
            nodes=tuple(told["nodes"]),
            input_keys=tuple(told["input_keys"]),
            output_keys=tuple(told["output_keys"]),
            text_key=told["text_key"],
            is_async=told["is_async"],
            checkpointer=told["checkpointer"],
            has_context=told["has_context"],
        )

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        """See ``protocols.App.run``."""
        session = Session(self, iter(jobs), on_call)
        try:
            yield from session.runs()
        finally:
            if session.in_flight:
                self.restart()  # what is under way would go on spending

    def link(self) -> Link:
        """The running process, started when there is none. Raises AppError when it cannot be."""
        if self._link is None:
            self._link, self._facts = self._start()
        return self._link

    def restart(self) -> None:
        """End the process; the next job starts another."""
        self.close()

    def close(self) -> None:
        """End the app's process. Safe to call twice."""
        link, self._link = self._link, None
        if link is not None:
            link.close()
