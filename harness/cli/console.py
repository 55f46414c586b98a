"""How far a run is, on a terminal, in a log, or not at all. Everything goes to stderr: stdout is for results."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Silent:
    """For ``--json``."""

    def phase(self, name: str) -> None:
        """Nothing."""

    def work(self, label: str, done: int, total: int) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


class Plain:
    """Lines for a log: phases, notes, and work at each quarter."""

    def __init__(self) -> None:
        self._quarter: tuple[str, int] = ("", 0)

    def phase(self, name: str) -> None:
        """One line a step."""
        self._say(f"== {name}")

    def work(self, label: str, done: int, total: int) -> None:
        """One line for each quarter of the work."""
        quarter = (label, 4 * done // max(total, 1))
        if quarter != self._quarter:
            self._quarter = quarter
            self._say(f"   {label}: {done} of {total} runs")

    def note(self, text: str) -> None:
        """One line."""
        self._say(f"   {text}")

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)


class Live:
    """A bar on a terminal. A context manager: the bar is gone afterwards, the notes stay."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=self._console, transient=True)
        self._task: TaskID | None = None
        self._label = ""

    def __enter__(self) -> Live:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def phase(self, name: str) -> None:
        """A headline."""
        self._drop()
        self._console.print(f"[bold cyan]{escape(name)}[/]")

    def work(self, label: str, done: int, total: int) -> None:
        """Move the bar; a new label starts a new one."""
        if self._task is None or label != self._label:
            self._drop()
            self._task, self._label = self._bar.add_task(escape(label), total=total), label
        self._bar.update(self._task, completed=done, total=total)

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._console.print(f"  {escape(text)}", highlight=False)

    def _drop(self) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
