"""Intervals and bounds of means and rates. Knows nothing of arms, goals or verdicts.

A t interval claims certainty when every value is alike: 20 right answers of 20 would prove an accuracy of exactly 1.
Values that are shares therefore get pseudo-observations at both ends of their range before the t interval is taken:
z^2 / 2 of them at 0 and at 1 for a mean (Agresti & Coull 1998), 1 at -1 and at +1 for a paired difference (Bonett &
Price 2012). Their coverage here is measured in benchmarks/false_keeps.py.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from harness.stats.pairing import alone, case_means, draws
from harness.stats.signflip import Floats
from harness.stats.whole import Counts, Values, Whole
from harness.types import Direction, Score, Summary

CONFIDENCE = 0.95  # of every two-sided interval


def summarise(metric: str, scores: Sequence[Score]) -> Summary:
    """A metric over cases. The interval is None for fewer than 2 cases; no value at all gives a Summary of Nones.

    Of a statistic of the whole set ``mean`` is its value; there is no spread, median or extreme of it over cases.
    """
    values, unscored, share = case_means(scores)
    if values.size == 0:
        return Summary(metric, 0, unscored, None, None, None, None, None, None, None)
    whole = alone(scores)
    if whole is not None:
        ends, runs = whole_interval(whole), _statistic_by_run(scores)
        return Summary(metric, int(values.size), unscored, whole.ends()[1], None, None, *ends, None, None, runs)
    low, high = mean_interval(values, share=share)
    return Summary(
        metric=metric,
        n=int(values.size),
        unscored=unscored,
        mean=float(values.mean()),
        std=deviation(values),
        median=float(np.median(values)),
        low=low,
        high=high,
        minimum=float(values.min()),
        maximum=float(values.max()),
        run_means=_run_means(scores),
    )


def bound(scores: Sequence[Score], direction: Direction, level: float = 0.90) -> float | None:
    """One-sided bound of the mean over cases on its bad side: the lower one where higher is better.

    A goal is met when this bound clears its target. None for fewer than 2 cases. Of a statistic of the whole set it is
    the bound of that.
    """
    values, _, share = case_means(scores)
    whole = alone(scores)
    if whole is None:
        low, high = mean_interval(values, share=share, level=2 * level - 1)
    else:
        low, high = whole_interval(whole, 2 * level - 1)
    return low if direction == "higher" else high


def whole_interval(whole: Whole, level: float = CONFIDENCE) -> tuple[float | None, float | None]:
    """Two-sided interval of a statistic of the second arm at ``level``; None for an end that cannot be said.

    Of counts: the t interval of the jackknife pseudo-values, with the pseudo-observations of a share where it is made
    of right and wrong. Of a percentile: see ``Values.span``. Fewer than 2 units: Nones. All units alike: the value
    itself, but for what is made of right and wrong.
    """
    if whole.moved.size < 2:
        return None, None
    if isinstance(whole, Counts):
        return mean_interval(whole.linear()[1], share=whole.share, level=level)
    return whole.span(float(special.ndtri((1 + level) / 2))) if isinstance(whole, Values) else (None, None)


def mean_interval(values: Floats, *, share: bool, level: float = CONFIDENCE) -> tuple[float, float] | tuple[None, None]:
    """Two-sided interval of the mean of one value per unit, at ``level``; Nones for fewer than 2 values.

    t interval, of a share with the pseudo-observations of the head. Assumes independent units. All values alike: the
    value itself, but of a share an interval that narrows as 1 / n.
    """
    if not share:
        return _t_interval(values, (), 0.0, level)
    z = float(special.ndtri((1 + level) / 2))
    return _t_interval(values, (0.0, 1.0), z * z / 2, level)


def gain_interval(d: Floats, *, share: bool, level: float = CONFIDENCE) -> tuple[float, float] | tuple[None, None]:
    """Two-sided interval of the mean of paired differences, at ``level``; Nones for fewer than 2.

    As ``mean_interval``, with the pseudo-observations of a difference.
    """
    return _t_interval(d, (-1.0, 1.0) if share else (), 1.0, level)


def deviation(values: Floats) -> float | None:
    """Standard deviation, ddof = 1; None for fewer than 2 values, 0 when they are alike up to rounding."""
    if values.size < 2:
        return None
    spread = float(values.std(ddof=1))
    return 0.0 if spread <= 1e-12 * float(np.abs(values).max()) else spread


def false_rate_interval(k: int, n: int, level: float = CONFIDENCE) -> tuple[float, float]:
    """Clopper-Pearson interval of a rate seen ``k`` times in ``n`` (1 or more): never too narrow. Its upper end at
    ``level`` .90 is the one-sided upper 95 % bound."""
    found = stats.binomtest(k, n).proportion_ci(confidence_level=level, method="exact")
    return float(found.low), float(found.high)


def _t_interval(
    values: Floats, ends: tuple[float, ...], weight: float, level: float
) -> tuple[float, float] | tuple[None, None]:
    """t interval of the mean with ``weight`` pseudo-observations at each of ``ends``, clipped to them."""
    n = int(values.size)
    if n < 2:
        return None, None
    total = n + weight * len(ends)
    mean = (float(values.sum()) + weight * sum(ends)) / total
    squares = float(((values - mean) ** 2).sum()) + weight * sum((end - mean) ** 2 for end in ends)
    half = float(special.stdtrit(n - 1, (1 + level) / 2)) * math.sqrt(squares / (total - 1) / total)
    low, high = mean - half, mean + half
    return (max(low, ends[0]), min(high, ends[-1])) if ends else (low, high)


def _statistic_by_run(scores: Sequence[Score]) -> tuple[float, ...]:
    by_run: dict[int, list[Score]] = defaultdict(list)
    for score in scores:
        by_run[score.k].append(score)
    arms = (alone(by_run[k]) for k in sorted(by_run))
    return tuple(arm.ends()[1] for arm in arms if arm is not None)


def _run_means(scores: Sequence[Score]) -> tuple[float, ...]:
    by_run: dict[int, list[float]] = defaultdict(list)
    for runs in draws(scores).values():
        for k, value in runs.items():
            by_run[k].append(value)
    return tuple(math.fsum(by_run[k]) / len(by_run[k]) for k in sorted(by_run))
