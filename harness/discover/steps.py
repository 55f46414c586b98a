"""How far a reading goes: so many steps for one node or module, and for the whole as many as its size calls for.

What takes more is cut short and noted with the place. Knows nothing of what a step is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.discover.files import Files

_MOST = 60_000  # steps for one node or module; most take some hundreds
_LEAST, _PER_LINE = 200_000, 15  # steps for a whole reading: these, and more for each line of the files that it read


class TooComplexError(Exception):
    """What was being read took more steps than any app should need."""


@dataclass(slots=True)
class Part:
    """Something that is read on its own."""

    finished: bool = True


@dataclass(slots=True)
class Steps:
    """Counts steps. ``cut`` holds what was cut short, in words."""

    files: Files
    at: tuple[str, int] = ("", 0)  # file and line of the statement being read
    cut: dict[str, None] = field(default_factory=dict)
    _taken: int = 0  # for the part being read
    _before: int = 0  # for the parts before it
    _limit: int = _MOST
    _ended: bool = False  # whether the whole was cut short

    def begin(self) -> None:
        """What follows is a part of its own."""
        self.at, self._before, self._taken = ("", 0), self._before + self._taken, 0
        self._limit = self._left()

    def step(self) -> None:
        """One step. Raises TooComplexError where there were too many."""
        self._taken += 1
        if self._taken > self._limit:
            self._limit = self._left()  # files may have been read since
            if self._taken > self._limit:
                raise TooComplexError

    @contextmanager
    def guarded(self, place: str = "") -> Iterator[Part]:
        """Around a part: cut short where it takes too many steps, or where code is nested too deeply to be followed.

        Without a place, "file:line", nobody is told.
        """
        part = Part()
        try:
            yield part
        except (TooComplexError, RecursionError):
            part.finished = False
            if place:
                self._note(place)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Around what is read once for all, such as a module: its steps do not count for the part that needed it."""
        taken, at = self._taken, self.at
        self._before, self._taken = self._before + taken, 0
        self._limit = self._left()
        try:
            yield
        finally:
            self._before, self._taken, self.at = self._before + self._taken - taken, taken, at
            self._limit = self._left()

    def _left(self) -> int:
        return min(_MOST, _LEAST + _PER_LINE * self.files.lines - self._before)

    def _note(self, place: str) -> None:
        at = f"{self.at[0]}:{self.at[1]}" if self.at[1] else place
        if self._left() < min(self._taken, _MOST):
            if not self._ended:
                self.cut[f"{at}: the reading ends here: code of this size should not take so many steps"] = None
            self._ended = True
        else:
            where = f", cut short at {at}" if at != place else ""
            self.cut[f"{place}: too complex to be followed to its end{where}"] = None
