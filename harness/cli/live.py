"""A run on a terminal: what is going on stays at the bottom, what has happened stays above it as lines of a log.

Everything goes to stderr: stdout is for results. Knows no steps and no statistics, only what it is told.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live as Region
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from harness.cli.console import ending
from harness.figures import duration, number
from harness.types import Spend, Trial

WIDEST = 80  # columns: what is no wider than need be is not broken when the window is made narrower
PACED = 5  # runs from which a pace can be told
_KEPT, _REJECTED = "kept", "confirmed"  # ends of a candidate that the holdout was asked about


class Live:
    """A context manager: the region at the bottom is gone afterwards, the lines above stay."""

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console or Console(stderr=True), clock
        counted = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("runs,"), TaskProgressColumn())
        self._bar = Progress(*counted, TimeRemainingColumn(), TextColumn("left"), console=self._console)
        self._label, self._done = "", 0
        self._phase, self._last = "", ""
        self._ahead, self._runs, self._since = 0, 0, clock()  # of this phase: runs to come, runs made, its start
        self._spend, self._told = Spend(), clock()
        self._ends: dict[str, str] = {}  # stage by change id
        self._region = Region(console=self._console, get_renderable=self._shown, transient=True, refresh_per_second=4)

    def __enter__(self) -> Live:
        self._region.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._region.stop()

    def phase(self, name: str) -> None:
        """A headline; the work of the step before is over."""
        self._phase = name
        self._ahead, self._runs, self._since = 0, 0, self._clock()
        self._drop()
        self._console.print(f"[bold cyan]{escape(name)}[/]", highlight=False)

    def work(self, label: str, done: int, total: int) -> None:
        """Move the bar; other work, or the same from its start, gets a new one."""
        if label != self._label or done < self._done:
            self._drop()
            self._label = label
            self._bar.add_task(label, total=total, completed=max(done - 1, 0))  # the speed counts from here
        self._done = done
        self._ahead, self._runs = max(self._ahead - 1, 0), self._runs + 1
        self._bar.update(self._bar.task_ids[-1], completed=done, total=total)

    def ahead(self, runs: int) -> None:
        """Remember it; each run that is told of takes one away."""
        self._ahead = runs

    def spent(self, spend: Spend) -> None:
        """Remember it, with the time, so that the seconds go on while nothing is told."""
        self._spend, self._told = spend, self._clock()

    def tried(self, trial: Trial) -> None:
        """A line above, and the tally."""
        self._ends[trial.change.id] = trial.stage
        self._last = ending(trial)
        self.note(self._last)

    def note(self, text: str) -> None:
        """A line above the region."""
        self._console.print(f"  {escape(text)}", highlight=False)

    def _drop(self) -> None:
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        self._label, self._done = "", 0

    def _shown(self) -> Group:
        """The region as it stands now; one line for each thing, whatever the width."""
        wide = min(self._console.width, WIDEST) - 1  # a full line would wrap on some terminals
        rows: list[tuple[str, Text | Progress]] = [("Step", Text(self._phase))]
        if self._label:
            rows += [("Now", Text(self._label)), ("", self._bar)]
        if self._ahead:
            rows.append(("Ahead", Text(self._coming())))
        rows.append(("Spent", Text(self._used())))
        if self._ends:
            rows += [("Tried", Text(self._tally())), ("Last", Text(self._last))]
        table = Table.grid(padding=(0, 1))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=wide - 7)
        for row in rows:
            table.add_row(*row)
        return Group(Text("─────", style="dim"), table)

    def _used(self) -> str:
        spend = self._spend
        seconds = duration(spend.seconds + self._clock() - self._told)
        money = "unpriced" if spend.usd is None else f"{number(spend.usd)} USD"
        tokens = spend.tokens_in + spend.tokens_out
        return f"{seconds}, {spend.calls:,} calls, {spend.replayed:,} replayed, {money}, {tokens:,} tokens"

    def _coming(self) -> str:
        """Runs until the next decision, and their time at the pace of this phase."""
        words = f"at most {self._ahead:,} runs until the next decision"
        if self._runs < PACED:
            return words
        return f"{words}, {duration(self._ahead * (self._clock() - self._since) / self._runs)}"

    def _tally(self) -> str:
        count = Counter(self._ends.values())
        dropped = sum(count.values()) - count[_KEPT] - count[_REJECTED]
        return f"{len(self._ends)}: {count[_KEPT]} kept, {count[_REJECTED]} rejected, {dropped} dropped"
