"""Both arms of a statistic of the whole set, unit by unit, so that the arms of a unit can be swapped.

Knows how a statistic is taken of an arm and how it is linearised; nothing of tests, levels or goals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from harness.statistic import percentile
from harness.stats import formulas
from harness.stats.formulas import Floats, Formula
from harness.stats.sequential import FLIPS
from harness.types import Score

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Runs = Mapping[str, Sequence[int]]  # run indices by case


class Whole(Protocol):
    """Two arms of the same units, whose value is a statistic of all their runs."""

    @property
    def share(self) -> bool:
        """Whether it is made of right and wrong."""
        ...

    @property
    def moved(self) -> Bools:
        """Which units differ between the arms."""
        ...

    @property
    def width(self) -> int:
        """Numbers that one flip looks at."""
        ...

    @property
    def flips(self) -> int:
        """Most swaps of a test; simulations, which make many tests, take fewer."""
        ...

    def only(self, kept: Bools) -> Self:
        """The part that belongs to some of the units."""
        ...

    def ends(self) -> tuple[float, float]:
        """The statistic before and after."""
        ...

    def swapped(self, flips: Bools) -> Floats:
        """After minus before, were the arms of the units of each row of ``flips`` (flips, units) swapped."""
        ...

    def linear(self) -> tuple[Floats, Floats]:
        """Per arm one value per unit, whose mean is the statistic and whose spread is that of its estimate."""
        ...

    def scaled(self, factor: float) -> Self:
        """The values of the first arm times ``factor``."""
        ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts summed over the runs of each unit. A formula of their sums is smooth: it is linearised by a jackknife."""

    formula: Formula
    share: bool
    before: Floats  # shape (units, columns)
    after: Floats
    flips: int = FLIPS

    @property
    def moved(self) -> Bools:
        """Which units have other counts."""
        return np.asarray((self.before != self.after).any(axis=1))

    @property
    def width(self) -> int:
        """Counts of all units."""
        return int(self.before.size)

    def only(self, kept: Bools) -> Counts:
        """See ``Whole``."""
        return replace(self, before=self.before[kept], after=self.after[kept])

    def ends(self) -> tuple[float, float]:
        """See ``Whole``."""
        return float(self.formula(self.before.sum(axis=0))), float(self.formula(self.after.sum(axis=0)))

    def swapped(self, flips: Bools) -> Floats:
        """See ``Whole``. Counts are whole numbers, so that equal sums are equal to the bit."""
        gone = flips.astype(np.float64) @ (self.after - self.before)
        return self.formula(self.after.sum(axis=0) - gone) - self.formula(self.before.sum(axis=0) + gone)

    def linear(self) -> tuple[Floats, Floats]:
        """Jackknife pseudo-values n T - (n - 1) T without the unit, moved so that their mean is T (Tukey 1958).

        Consistent for a smooth function of sums (Miller 1974). One unit: T itself.
        """
        before, after = (_pseudo(self.formula, rows) for rows in (self.before, self.after))
        return before, after

    def scaled(self, factor: float) -> Counts:
        """Counts have no scale: raises ValueError."""
        raise ValueError(f"counts times {factor}: a share has no tolerance")


@dataclass(frozen=True, slots=True)
class Values:
    """The value of every run. A percentile of them is linear between neighbours (Hyndman & Fan 1996, definition 7)."""

    part: float  # .95 = the 95th percentile
    before: Floats  # shape (runs,)
    after: Floats  # the same runs of the same cases
    unit: Ints  # of each run, 0-based
    units: int
    flips: int = FLIPS

    @property
    def share(self) -> bool:
        """A percentile is none."""
        return False

    @property
    def moved(self) -> Bools:
        """Which units have other values."""
        return np.asarray(np.bincount(self.unit, self.before != self.after, self.units) > 0)

    @property
    def width(self) -> int:
        """Values of an arm."""
        return int(self.before.size)

    def only(self, kept: Bools) -> Values:
        """See ``Whole``."""
        chosen, place = kept[self.unit], np.cumsum(kept) - 1
        own = place[self.unit[chosen]]
        size = int(np.count_nonzero(kept))
        return replace(self, before=self.before[chosen], after=self.after[chosen], unit=own, units=size)

    def ends(self) -> tuple[float, float]:
        """See ``Whole``."""
        return float(np.quantile(self.before, self.part)), float(np.quantile(self.after, self.part))

    def swapped(self, flips: Bools) -> Floats:
        """See ``Whole``. Pairs of values that cannot come to stand as high as the percentile are not looked at.

        The r-th largest value of any swapped arm is at least the r-th largest of the smaller values of all pairs: a
        pair whose both values are below it changes no value from there upwards.
        """
        if self.part < 0.5:
            turned = replace(self, part=1 - self.part, before=-self.before, after=-self.after)
            return -turned.swapped(flips)
        place = (self.before.size - 1) * self.part
        above = self.before.size - 1 - math.floor(place)  # values above the lower neighbour
        least = np.sort(np.minimum(self.before, self.after))[self.before.size - 1 - above]
        near = np.maximum(self.before, self.after) >= least
        old, new, turned_runs = self.before[near], self.after[near], flips[:, self.unit[near]]
        before, after = np.where(turned_runs, new, old), np.where(turned_runs, old, new)
        low, weight = old.size - 1 - above, place - math.floor(place)
        return _between(after, low, weight) - _between(before, low, weight)

    def linear(self) -> tuple[Floats, Floats]:
        """T + (share of all runs that should lie below T - the unit's part of it) / density at T, with mean T.

        The influence function of a percentile (Hampel 1974); its density is that between one standard error of the
        share on either side (Bloch & Gastwirth 1968). All values there alike, or one unit: T itself.
        """
        before, after = (self._influence(values) for values in (self.before, self.after))
        return before, after

    def scaled(self, factor: float) -> Values:
        """See ``Whole``."""
        return replace(self, before=self.before * factor)

    def span(self, z: float) -> tuple[float | None, float | None]:
        """Values of the second arm that lie ``z`` standard errors of the share further out (Woodruff 1952).

        The standard error is that of a share of the units, as if all runs of a unit agreed: the largest that it can
        be. None where that goes beyond what so many units can show: p95 takes 32 units for a 90 % bound.
        """
        error = z * self._error()
        low, high = self.part - error, self.part + error
        at = (float(np.quantile(self.after, end)) if 0.0 <= end <= 1.0 else None for end in (low, high))
        return next(at), next(at)

    def _error(self) -> float:
        return math.sqrt(self.part * (1 - self.part) / self.units)

    def _influence(self, values: Floats) -> Floats:
        error = self._error()
        ends = np.clip([self.part - error, self.part + error], 0.0, 1.0)
        top, low, high = np.quantile(values, [self.part, *ends])
        slope = (high - low) / (ends[1] - ends[0])  # 1 / density
        below = np.bincount(self.unit, values <= top, self.units) * (self.units / values.size)
        return np.asarray(top - slope * (below - below.mean()))


def gathered(
    statistic: str, old: Mapping[tuple[str, int], Score], new: Mapping[tuple[str, int], Score], units: Mapping[str, int]
) -> Whole:
    """Both arms of a statistic from the scores of the same runs, by case and run; ``units``: place of each case."""
    runs = sorted(old)
    unit = np.array([units[case] for case, _ in runs], dtype=np.int64)
    size = len(set(units.values()))
    part = percentile(statistic)
    if part is not None:
        before, after = (np.array([arm[run].value for run in runs], dtype=np.float64) for arm in (old, new))
        return Values(part, before, after, unit, size)
    columns = sorted({name for arm in (old, new) for score in arm.values() for name, _ in score.record})
    at = {name: place for place, name in enumerate(columns)}
    sums = [np.zeros((size, len(columns))) for _ in range(2)]
    for table, arm in zip(sums, (old, new), strict=True):
        for place, run in zip(unit, runs, strict=True):
            for name, count in arm[run].record:
                table[place, at[name]] += count
    return Counts(formulas.FORMULAS[statistic](columns), statistic in formulas.SHARES, sums[0], sums[1])


def _pseudo(formula: Formula, rows: Floats) -> Floats:
    total, n = rows.sum(axis=0), len(rows)
    value = float(formula(total))
    if n < 2:
        return np.full(n, value)
    without = formula(total - rows)
    return np.asarray(value - (n - 1) * (without - without.mean()))


def _between(rows: Floats, low: int, weight: float) -> Floats:
    """Of each row the value ``weight`` of the way from its ``low``-th smallest to the next."""
    high = min(low + 1, rows.shape[1] - 1)
    parted = np.partition(rows, [low, high], axis=1)
    return np.asarray(parted[:, low] + (parted[:, high] - parted[:, low]) * weight)
