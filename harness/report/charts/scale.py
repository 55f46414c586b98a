"""From values to places on an axis, and the round values that are named on it. Knows no metric and no picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from harness.canvas import width

BETWEEN = 8.0  # user units between the names of neighbours on a level axis


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight axis: ``low`` lies at ``start`` and ``high`` at ``end``, in user units; low < high."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies; beyond the axis is at its end."""
        part = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self, named: Callable[[float], str], most: int) -> list[tuple[float, str]]:
        """At most ``most`` + 1 round values (steps of 1, 2 or 5) with their names, no name twice."""
        step = round_step((self.high - self.low) / most)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        names = {named(index * step): index * step for index in range(first, last + 1)}
        return [(value, name) for name, value in names.items()]

    def level_ticks(self, named: Callable[[float], str]) -> list[tuple[float, str]]:
        """As many ticks as have room for their names side by side."""
        for most in (6, 5, 4, 3, 2):
            found = self.ticks(named, most)
            places = [self.at(value) for value, _ in found]
            room = min((right - left for left, right in pairwise(places)), default=self.end - self.start) - BETWEEN
            if all(width(name, "mute") <= room for _, name in found):
                return found
        return []


def spanning(values: Iterable[float], start: float, end: float) -> Scale:
    """An axis that holds all values with some air around; finite values only."""
    held = list(values) or [0.0]
    low, high = min(held), max(held)
    spread, most = high - low, max(abs(low), abs(high))
    air = 0.08 * spread if spread > 1e-9 * most else 0.1 * most or 1.0
    return Scale(low - air, high + air, start, end)


def round_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is no less than ``least`` > 0."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= least * (1 - 1e-9)), 10 * power)
