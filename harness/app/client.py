"""One version of the app as the loop sees it: jobs in, runs out, over one process or several. Knows no case."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.app.link import Link
from harness.app.options import AppOptions
from harness.app.session import Session
from harness.redaction import Redactor
from harness.types import Call, Facts, Job, Run

Starter = Callable[[], tuple[Link, dict[str, Any]]]


class ChildApp:
    """One process of a version; started again when the app kills it."""

    def __init__(self, start: Starter, tree: Path, version: str, options: AppOptions, redact: Redactor) -> None:
        self.tree, self.version = tree, version
        self.options, self.redact = options, redact
        self.share = -(-options.concurrency // options.workers)  # cases in flight in this process
        self.bell = threading.Event()  # set when the process has said something
        self._start = start
        self._link: Link | None = None
        self.facts: dict[str, Any] = {}

    def link(self) -> Link:
        """The running process, started when there is none. Raises AppError when it cannot be."""
        if self._link is None:
            self._link, self.facts = self._start()
            self._link.ring(self.bell)
        return self._link

    def restart(self) -> None:
        """End the process; the next job starts another."""
        self.close()

    def close(self) -> None:
        """End the app's process. Safe to call twice."""
        link, self._link = self._link, None
        if link is not None:
            link.close()


class Pool:
    """Implements ``protocols.App`` over the processes of one version, the first of which is started at once.

    The others start with the first jobs that do not fit into those before them.
    """

    def __init__(self, children: Sequence[ChildApp]) -> None:
        self._children = tuple(children)
        self._bell = threading.Event()
        for child in self._children:
            child.bell = self._bell
        self.version = children[0].version
        children[0].link()

    def describe(self) -> Facts:
        """What the app is, as found when it was started."""
        told = self._children[0].facts
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
        source = iter(jobs)
        sessions = [(child, Session(child, source, on_call)) for child in self._children]
        try:
            while True:
                self._bell.clear()
                for _, session in sessions:
                    yield from session.pump()
                for _, session in sessions:
                    session.fill()
                busy = [session for _, session in sessions if not session.idle]
                if not busy:
                    return
                self._bell.wait(max(0.0, min(session.patience() for session in busy)))
        finally:
            for child, session in sessions:
                if session.in_flight:
                    child.restart()  # what is under way would go on spending

    def close(self) -> None:
        """End the app's processes. Safe to call twice."""
        for child in self._children:
            child.close()
