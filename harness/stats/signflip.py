"""The one-sided paired sign-flip test. Knows numbers only: nothing of cases, metrics or levels.

Under the null hypothesis the two arms of a unit may be swapped, so every difference keeps its size and takes either
sign with chance 1/2. The p value is the chance that the sum under such flips is at least the sum observed: valid at any
number of units and for any law of the differences (Fisher 1935, "The Design of Experiments", section 21).
"""

from __future__ import annotations

import math
import sys
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RESAMPLES = 20_000  # smallest p of the sampled test: 1 / 20,001
NORMAL_ABOVE = 10_000  # units that differ
CELLS = 500_000_000  # most additions that the exact law may cost: about half a second
DENOMINATORS = (1, 2, 4, 5, 10, 20, 100)  # of partial credit: halves, tenths, hundredths
TOLERANCE = 1e-7  # of a lattice step, for values such as 0.1 + 0.2
BATCH = 4_000_000  # signs held at once by the sampled test, about 100 MB


def p_value(d: Floats, lattice: Ints | None, seed: int) -> tuple[float, str]:
    """One-sided p of mean(d) > 0, and the name of the method; never 0, and 1 when every difference is 0.

    ``d``: one difference per unit, any order (the result does not depend on it). ``lattice``: the same differences as
    integers of one common step, or None. ``seed`` feeds the sampled test only.

    - "exact sign-flip": on a lattice the law of the sum is known by convolution; relative error below 1e-11.
    - "permutation": off a lattice, scipy.stats.permutation_test: all 2^n flips when they are at most ``RESAMPLES``,
      else that many seeded ones with p = (b + 1) / (m + 1), whose standard error at p = .01 is .0007.
    - "normal": above ``NORMAL_ABOVE`` differences other than 0, P(Z >= sum(d) / sqrt(sum(d^2))). Berry-Esseen bounds
      the absolute error by 0.56 sum|d|^3 / sum(d^2)^1.5 (Shevtsova 2010): .0056 at n = 10,000 when all sizes are alike.
    """
    moved = np.sort(d[d != 0.0])
    if moved.size == 0:
        return 1.0, "exact sign-flip"
    if moved.size == 1:
        return (0.5 if moved[0] > 0.0 else 1.0), "exact sign-flip"
    if moved.size > NORMAL_ABOVE:
        return positive(float(special.ndtr(-moved.sum() / math.sqrt(float(moved @ moved))))), "normal"
    if lattice is not None and moved.size * int(np.abs(lattice).sum()) <= CELLS:
        return exact_p(lattice), "exact sign-flip"
    return _sampled_p(moved, seed), "permutation"


def exact_p(steps: Ints) -> float:
    """P(sum of randomly signed ``steps`` >= their sum as it stands), from the whole law of the sum."""
    weights = np.abs(steps[steps != 0])
    law = sum_law(weights)
    # A sum S of signed weights is 2 B - W, with B the weights that took the sign plus and W all of them.
    threshold = (int(steps.sum()) + int(weights.sum())) // 2
    return positive(min(1.0, float(law[threshold:].sum())))


def sum_law(weights: Ints) -> Floats:
    """Law of B, the sum of a random half of positive integer ``weights``: entry b of sum(weights) + 1 is P(B = b).

    Equal weights are added together, as one binomial number of them: n steps of a few sizes cost a few convolutions.
    """
    counts, law = np.bincount(weights), np.ones(1)
    for weight in np.flatnonzero(counts).tolist():
        law = _with_equal(law, weight, int(counts[weight]))
    return law


def _with_equal(law: Floats, weight: int, count: int) -> Floats:
    """The law after ``count`` more coins of ``weight`` each."""
    top, size = law.size, law.size + weight * count
    if weight < count:  # sums that differ by less than a weight never meet: one convolution for each remainder
        rows = -(-top // weight)
        lanes, joined = np.zeros((rows, weight)), np.empty((rows + count, weight))
        lanes.reshape(-1)[:top] = law
        for lane in range(weight):
            joined[:, lane] = np.convolve(lanes[:, lane], coins(count))
        return joined.reshape(-1)[:size]
    whole = np.zeros(size)
    whole[:top] = law
    for _ in range(count):
        half = whole[:top] * 0.5
        whole[:top] = half
        whole[weight : weight + top] += half
        top += weight
    return whole


@lru_cache(maxsize=512)
def coins(count: int) -> Floats:
    """Law of the number of heads of ``count`` fair coins; by halves, which loses less than logarithms of factorials."""
    if count < 2:
        return np.full(count + 1, 0.5**count)
    return np.convolve(coins(count // 2), coins(count - count // 2))


def as_lattice(values: Floats, denominator: int) -> Ints | None:
    """``values`` in steps of 1 / (denominator x q) for the smallest q of ``DENOMINATORS`` that fits, divided by their
    gcd.

    None when none fits (a continuous metric) or the steps would not fit an integer exactly.
    """
    for q in DENOMINATORS:
        scaled = values * (denominator * q)
        steps = np.rint(scaled)
        if np.abs(steps).max(initial=0.0) >= 2**52:
            return None
        if np.abs(scaled - steps).max(initial=0.0) <= TOLERANCE:
            whole = steps.astype(np.int64)
            return whole // max(1, int(np.gcd.reduce(whole)))
    return None


def _sampled_p(moved: Floats, seed: int) -> float:
    result = stats.permutation_test(
        (moved,),
        _sum,
        permutation_type="samples",
        vectorized=True,
        alternative="greater",
        n_resamples=RESAMPLES,
        batch=max(1, BATCH // moved.size),
        rng=np.random.default_rng(seed),
    )
    return positive(min(1.0, float(result.pvalue)))


def _sum(sample: Floats, axis: int = -1) -> Floats:
    return np.asarray(sample.sum(axis=axis))


def positive(p: float) -> float:
    """``p``, or the smallest float above 0: keeps 2^-n of a large n from rounding to an impossible 0."""
    return max(p, sys.float_info.min)
