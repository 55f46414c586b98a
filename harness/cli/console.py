"""How far a run is, in a log or not at all (on a terminal: see live). Everything goes to stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta

from harness.types import Spend, Trial


def ending(trial: Trial) -> str:
    """Where a candidate ended and why, on one line."""
    change = trial.change
    return f"{change.id} {change.technique} at {change.reach}: {trial.end}, {trial.words}"


class Silent:
    """For ``--json``."""

    def phase(self, name: str) -> None:
        """Nothing."""

    def work(self, label: str, done: int, total: int) -> None:
        """Nothing."""

    def ahead(self, runs: int) -> None:
        """Nothing."""

    def spent(self, spend: Spend) -> None:
        """Nothing."""

    def tried(self, trial: Trial) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


class Plain:
    """Lines for a log: phases, notes, and work at each quarter, each with the time since the start."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._quarter: tuple[str, int] = ("", 0)
        self._clock, self._began = clock, clock()

    def phase(self, name: str) -> None:
        """One line a step."""
        self._say(f"== {name}")

    def work(self, label: str, done: int, total: int) -> None:
        """One line for each quarter of the work."""
        quarter = (label, 4 * done // max(total, 1))
        if quarter != self._quarter:
            self._quarter = quarter
            self._say(f"   {label}: {done} of {total} runs")

    def ahead(self, runs: int) -> None:
        """Nothing."""

    def spent(self, spend: Spend) -> None:
        """Nothing: the end of the run tells it."""

    def tried(self, trial: Trial) -> None:
        """One line."""
        self.note(ending(trial))

    def note(self, text: str) -> None:
        """One line."""
        self._say(f"   {text}")

    def _say(self, text: str) -> None:
        print(f"{timedelta(seconds=int(self._clock() - self._began))} {text}", file=sys.stderr, flush=True)
