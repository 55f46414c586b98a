"""Which lift a set of cases can see, before anything is spent: simulated through the decision code.

A law says how units differ and what a good change does to them. ``calibrated`` plays candidates of many lifts through
the screen and the confirmation of ``path`` and finds the lift that is kept in 80 % of the runs; larger sets follow by
lift = kappa x spread(lift) / sqrt(units), with the simulated kappa in place of a normal quantile. Held against direct
simulation in benchmarks/plan.py. Knows no goals, costs or files.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy import special

from harness.stats.path import Rules, confirmed, screened
from harness.stats.rehearse import Table
from harness.stats.resampled import Resampled, resampled
from harness.stats.signflip import Floats
from harness.stats.variance import Noise, noise
from harness.types import Direction, Score

Rng = np.random.Generator
POWER = 0.80
WIDE, NEAR = 150, 450  # simulated candidates: over a wide range of lifts, then near the one looked for
_LARGE = 20_000  # units from which a spread is taken
_LARGEST = 100  # cases in a unit that are told apart
_STEPS = 20.0  # lattice steps in a standard deviation of a measure: fine enough not to move a p value


class Law(Protocol):
    """How units differ, and what a change of a given lift does."""

    def most(self) -> float:
        """The largest lift that a change can have."""
        ...

    def units(self, n: int, lift: float, rng: Rng) -> tuple[Floats, Floats]:
        """What ``n`` fresh units are like before and after; ``lift`` in the metric's unit, better is positive."""
        ...

    def runs(self, units: Floats, runs: int, rng: Rng) -> Floats:
        """Draws of shape (units, runs); their means over ``runs`` lie on the lattice of ``denominator``."""
        ...

    def denominator(self, runs: int) -> int:
        """For ``Rules.denominator``."""
        ...


@dataclass(frozen=True, slots=True)
class Shares:
    """Right or wrong. A change mends some units for good and breaks 5 % of them, whatever they were."""

    mean: float  # 0-1
    noise: (
        float  # part of the variance of a run of one case that is the run's own: 0 = deterministic, 1 = units are alike
    )
    size: int = 1  # cases in a unit, which are right with one chance
    broken: float = 0.05

    def most(self) -> float:
        """All units mended but the broken ones."""
        return (1 - self.broken) * (1 - self.mean) - self.broken * self.mean

    def units(self, n: int, lift: float, rng: Rng) -> tuple[Floats, Floats]:
        """Chances ~ Beta with this mean and spread."""
        if self.noise <= 0.0:
            before = (rng.random(n) < self.mean).astype(np.float64)
        elif self.noise >= 1.0:
            before = np.full(n, self.mean)
        else:
            weight = self.noise / (1 - self.noise)
            before = rng.beta(self.mean * weight, (1 - self.mean) * weight, n)
        mended, lot = (lift + self.broken * self.mean) / (1 - self.mean), rng.random(n)
        after = np.where(lot < mended, 1.0, np.where(lot < mended + self.broken, 0.0, before))
        return before, after

    def runs(self, units: Floats, runs: int, rng: Rng) -> Floats:
        """Shares of the cases of a unit that are right."""
        right: Floats = rng.binomial(self.size, units[:, None], (units.size, runs)) / self.size
        return right

    def denominator(self, runs: int) -> int:
        """Cases times runs."""
        return runs * self.size


@dataclass(frozen=True, slots=True)
class Measures:
    """Seconds, tokens, points: a change takes (or adds) between nothing and twice its share of each unit's value."""

    mean: float
    between: float  # variance between units
    within: float  # variance between runs of a unit
    sign: int  # 1 = higher is better, -1 = lower is better

    def most(self) -> float:
        """Half of the mean, so that no unit falls below 0."""
        return abs(self.mean) / 2

    def units(self, n: int, lift: float, rng: Rng) -> tuple[Floats, Floats]:
        """Normal units; the change is proportional to a unit's value."""
        before = rng.normal(self.mean, math.sqrt(self.between), n)
        part = self.sign * lift / abs(self.mean) * rng.uniform(0, 2, n)
        return before, before * (1 + part)

    def runs(self, units: Floats, runs: int, rng: Rng) -> Floats:
        """Values in whole lattice steps: comparisons do not depend on the unit, and the exact law is quick."""
        step = math.sqrt(self.between + self.within) / _STEPS or 1.0
        drawn: Floats = np.rint(rng.normal(units[:, None], math.sqrt(self.within), (units.size, runs)) / step)
        return drawn

    def denominator(self, runs: int) -> int:
        """Means of whole steps."""
        return runs


def law_of(metric: str, table: Table, direction: Direction) -> tuple[Law, Noise] | None:
    """The law of a recorded table, by the method of moments, and its noise; None where nothing has a value.

    Of a statistic of the whole set: its outcomes drawn again; the mean of the noise is the statistic.
    """
    values = table.values if table.bank is None else table.bank.own[table.values.astype(np.int64)]
    rows = enumerate(values)
    found = noise(metric, [Score(metric, str(i), k, float(v)) for i, row in rows for k, v in enumerate(row)])
    if found is None:
        return None
    if table.bank is not None:
        law = resampled(table.bank, len(values), direction)
        return law, replace(found, mean=table.bank.whole(table.values, table.values).ends()[0])
    if not table.share:
        return Measures(found.mean, found.between, found.within, 1 if direction == "higher" else -1), found
    whole = found.mean * (1 - found.mean)
    own = max(0.0, whole - found.between)  # variance of a run's draw, had a unit one case
    size = min(_LARGEST, max(1, round(own / found.within))) if found.within else _LARGEST if own > 1e-9 else 1
    return Shares(found.mean, own / whole if whole else 0.0, size), found


@dataclass(frozen=True, slots=True)
class Units:
    """How many units there are, and how often each is run."""

    dev: int
    holdout: int  # 0 = the dev units decide too
    runs: int

    @property
    def deciding(self) -> int:
        """Units that decide."""
        return self.holdout or self.dev


def power(rules: Rules, law: Law, units: Units, lift: float, seed: int, repeats: int = 400) -> float:
    """Chance, 0-1, that a change of this lift is kept once it is proposed: it passes the screen and is confirmed."""
    return sum(_kept(rules, law, units, lift, np.random.default_rng([seed, i])) for i in range(repeats)) / repeats


def calibrated(rules: Rules, law: Law, units: Units, seed: int) -> float | None:
    """kappa of the head of this module; None where not even the largest lift is kept in 80 % of the runs.

    Simulated on ``units``: a first guess from the normal law, then a logistic curve through candidates played over a
    wide range of lifts, then through more of them near its 80 % point. Its standard error is about 3 %.
    """
    if law.most() <= 0:
        return None
    rng = np.random.default_rng(seed)
    tail = -float(special.ndtri(rules.level(0, 0.0))) + float(special.ndtri(POWER))
    guess = _solved(lambda lift: tail * spread(law, units.runs, lift), law, units.deciding) or law.most()
    lifts, ends = np.empty(0), np.empty(0)
    for low, high, count in ((0.4, 1.8, WIDE), (0.8, 1.25, NEAR)):
        more = np.minimum(rng.uniform(low, high, count) * guess, law.most())
        lifts = np.append(lifts, more)
        ends = np.append(ends, [_kept(rules, law, units, lift, rng) for lift in more])
        guess = _crossing(lifts, ends)
        if not 0 < guess <= law.most():
            return None
    return guess * math.sqrt(units.deciding) / spread(law, units.runs, guess)


def smallest(kappa: float, law: Law, runs: int, deciding: int) -> float | None:
    """The lift kept in 80 % of the runs with this many deciding units; None where no change can have it."""
    return _solved(lambda lift: kappa * spread(law, runs, lift), law, deciding)


def units_needed(kappa: float, law: Law, runs: int, lift: float) -> int:
    """Deciding units that keep a change of this lift in 80 % of the runs."""
    return math.ceil((kappa * spread(law, runs, lift) / lift) ** 2)


def spread(law: Law, runs: int, lift: float) -> float:
    """Standard deviation over units of the paired difference, in the metric's unit, under a change of this lift."""
    if isinstance(law, Resampled):
        return law.spread(runs, lift)
    rng = np.random.default_rng(0)
    before, after = law.units(_LARGE, lift, rng)
    d = law.runs(after, runs, rng).mean(axis=1) - law.runs(before, runs, rng).mean(axis=1)
    shift = abs(float(d.mean()))
    return float(d.std()) * (lift / shift if isinstance(law, Measures) and shift else 1.0)


def _kept(rules: Rules, law: Law, units: Units, lift: float, rng: Rng) -> bool:
    dev = law.units(units.dev, lift, rng)
    found, _ = screened(rules, *(law.runs(arm, units.runs, rng) for arm in dev))
    if found is None:
        return False
    deciding = law.units(units.holdout, lift, rng) if units.holdout else dev
    before, after = (law.runs(arm, units.runs, rng) for arm in deciding)
    return confirmed(rules, before, after, rules.level(0, 0.0)).verdict == "keep"


def _solved(scaled: Callable[[float], float], law: Law, deciding: int) -> float | None:
    """The lift that equals ``scaled(lift)`` / sqrt(deciding), by bisection; None where it is beyond the largest."""
    low, high = 0.0, law.most()
    if high <= 0 or scaled(high) / math.sqrt(deciding) > high:
        return None
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if scaled(middle) / math.sqrt(deciding) <= middle else (middle, high)
    return high


def _crossing(lifts: Floats, ends: Floats) -> float:
    """Where a logistic curve through the ends reaches 80 %: Newton's method, with a slight pull of the slope to 0."""
    center, scale = float(lifts.mean()), float(lifts.std()) or 1.0
    x = np.stack([np.ones(lifts.size), (lifts - center) / scale], axis=1)
    beta = np.zeros(2)
    for _ in range(25):
        chance = special.expit(x @ beta)
        slope = x.T @ (ends - chance) - np.array([0.0, 0.02]) * beta
        beta = beta + np.linalg.solve((x.T * (chance * (1 - chance) + 1e-9)) @ x + np.diag([1e-9, 0.02]), slope)
    return center + scale * (float(special.logit(POWER)) - beta[0]) / beta[1] if beta[1] > 0 else math.inf
