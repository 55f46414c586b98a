"""How units differ, and what a change does to them, where the goal is a statistic of the whole set: recorded outcomes
drawn again, part of them changed. For plans; knows no levels and no goals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from harness.statistic import percentile
from harness.stats import formulas
from harness.stats.bank import Bank
from harness.stats.formulas import Floats
from harness.types import Direction

Rng = np.random.Generator

BROKEN = 0.05  # of the units: got worse by a good change, as in ``power.Shares``
_STEPS = 100  # of the part of a value that a change takes
_AMOUNTS = 41  # points of the curve from amounts to lifts
_LOTS = 50  # changes of each recorded unit that the curve of a percentile rests on
_LARGE = 2_000  # units from which a spread is taken


@dataclass(frozen=True, slots=True)
class Resampled:
    """Units are recorded ones. Of counts a change makes a share of the units perfect and 5 % hopeless; of a percentile
    it takes (or adds) between nothing and twice its share of each unit's value."""

    bank: Bank  # variant v of recorded outcome i has number v x outcomes + i; variant 0 is as recorded
    recorded: int  # units
    each: int  # recorded runs of a unit
    sign: int  # 1 = higher is better, -1 = lower is better
    amounts: Floats  # of change, rising
    lifts: Floats  # of the statistic, by amount; not falling

    def most(self) -> float:
        """The lift of the largest change."""
        return float(self.lifts[-1])

    def units(self, n: int, lift: float, rng: Rng) -> tuple[Floats, Floats]:
        """See ``power.Law``: a unit is the number of a recorded one, + its variant x the recorded ones."""
        before = rng.integers(self.recorded, size=n)
        amount = float(np.interp(lift, self.lifts, self.amounts))
        if percentile(self.bank.statistic) is None:
            lot = rng.random(n)
            variant = np.where(lot < amount, 1, np.where(lot < amount + BROKEN, 2, 0))
        else:
            variant = np.rint(_STEPS * amount * rng.uniform(0, 2, n)).astype(np.int64)
        return before.astype(np.float64), (before + variant * self.recorded).astype(np.float64)

    def runs(self, units: Floats, runs: int, rng: Rng) -> Floats:
        """Numbers of outcomes: recorded runs of each unit, with replacement."""
        variant, unit = np.divmod(units.astype(np.int64), self.recorded)
        drawn = rng.integers(self.each, size=(units.size, runs))
        return ((variant * self.recorded + unit)[:, None] * self.each + drawn).astype(np.float64)

    def denominator(self, runs: int) -> int:
        """Nothing lies on a lattice."""
        return 0

    def spread(self, runs: int, lift: float) -> float:
        """Standard deviation over units of the linearised difference under a change of this lift."""
        rng = np.random.default_rng(0)
        old, new = (self.runs(arm, runs, rng) for arm in self.units(_LARGE, lift, rng))
        before, after = self.bank.whole(old, new).linear()
        return float((after - before).std())


def resampled(bank: Bank, units: int, direction: Direction) -> Resampled:
    """The law of recorded outcomes: ``units`` of them, run by run."""
    sign, each = (1 if direction == "higher" else -1), len(bank.rows) // units
    part = percentile(bank.statistic)
    if part is None:
        perfect, hopeless = formulas.extremes(bank.statistic, bank.columns, bank.rows)
        value, sums = formulas.FORMULAS[bank.statistic](bank.columns), bank.rows.sum(axis=0)
        amounts = np.linspace(0.0, 1.0 - BROKEN, _AMOUNTS)[:, None]
        mixed = (1 - amounts - BROKEN) * sums + amounts * perfect.sum(axis=0) + BROKEN * hopeless.sum(axis=0)
        lifts = sign * (value(mixed) - value(sums))
        rows, own = np.concatenate([bank.rows, perfect, hopeless]), np.concatenate([bank.own] * 3)
    else:
        amounts = np.linspace(0.0, 0.5, _AMOUNTS)[:, None]
        lot = np.random.default_rng(0).uniform(0, 2, (_LOTS, units, 1, 1))
        shaped = bank.rows.reshape(units, each, -1)
        ends = [float(np.quantile(shaped * (1 + sign * amount * lot), part)) for amount in amounts.ravel()]
        lifts = sign * (np.array(ends) - ends[0])
        factors = [1 + sign * step / _STEPS for step in range(_STEPS + 1)]
        rows, own = (np.concatenate([values * factor for factor in factors]) for values in (bank.rows, bank.own))
    full = replace(bank, rows=rows, own=own)
    return Resampled(full, units, each, sign, amounts.ravel(), np.maximum.accumulate(lifts))
