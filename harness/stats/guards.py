"""Guardrails: goals that a change must not damage. Knows nothing of the goal that the change is meant to improve.

A test that finds no difference proves no equality, so a guardrail holds only when a bound clears its limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.figures import number, wanted
from harness.stats.intervals import bound, gain_interval
from harness.stats.pairing import Paired, pair
from harness.stats.signflip import Floats
from harness.stats.whole import Whole
from harness.types import Goal, Guard, Score

LEVEL = 0.90  # of every one-sided bound of a guardrail


def guard(
    goal: Goal,
    before: Sequence[Score],
    after: Sequence[Score],
    margin: float,
    clusters: Mapping[str, str] | None = None,
) -> Guard:
    """Whether the candidate ``after`` respects ``goal``, by a one-sided 90 % bound.

    ``margin`` is a fraction such as .10; ``clusters`` as in ``compare``.

    - The baseline meets an absolute target (its own bound clears it): the candidate's bound must clear it as well.
    - Else the candidate must be non-inferior:
      - measures where lower is better (seconds, tokens, money): the bound of the paired mean log-ratio stays at or
        under log(1 + margin), so that a factor counts alike on short and long cases;
      - shares of 1, and whatever is better when higher: the bound of the paired difference stays above minus ``margin``
        times the good side. The good side of an error rate is 1 - rate: errors of .02 and an accuracy of .98 are the
        same fact and get the same allowance, where 10 % of .02 could never be shown on any set of cases;
      - a measure that is 0 for some case has no ratio: the difference against ``margin`` times the baseline.
    - No case moved: it holds. Fewer than 2 cases in both arms: it cannot be shown, so it does not hold.

    Of a statistic of the whole set the same is asked of its linearised values (``Whole.linear``), whose mean it is.
    """
    arms = pair(before, after, clusters or {})
    old, new = _ends(arms)
    limit = bound(before, goal.direction, LEVEL)
    if goal.target is not None and limit is not None and clears(limit, goal, goal.target):
        held = bound(after, goal.direction, LEVEL)
        return Guard(goal.metric, held is not None and clears(held, goal, goal.target), wanted(goal), old, new, held)
    change = _change(arms, goal, margin)
    return Guard(goal.metric, change.holds, f"not more than {number(margin * 100)} % worse", old, new, change.bound)


def clears(value: float, goal: Goal, limit: float) -> bool:
    """Whether ``value`` is on the good side of ``limit`` or on it."""
    return value >= limit if goal.direction == "higher" else value <= limit


@dataclass(frozen=True, slots=True)
class _Change:
    """A bound of how the metric moved, as a fraction of its good side (better is positive), and whether it suffices."""

    bound: float | None
    holds: bool


def _change(arms: Paired, goal: Goal, margin: float) -> _Change:
    if arms.before.size < 2:
        return _Change(None, False)
    if _alike(arms):
        return _Change(0.0, True)
    ratios = _log_ratios(arms, goal)
    if ratios is not None:
        _, high = gain_interval(ratios, share=False, level=2 * LEVEL - 1)
        worst = math.expm1(high) if high is not None else math.inf
        return _Change(-worst, worst <= margin)
    higher = goal.direction == "higher"
    old, new = (arms.before, arms.after) if arms.whole is None else arms.whole.linear()
    share = arms.share if arms.whole is None else arms.whole.share
    d = new - old if higher else old - new
    low, _ = gain_interval(d, share=share, level=2 * LEVEL - 1)
    good = float(old.mean()) if higher or not share else 1.0 - float(old.mean())
    holds = low is not None and low >= -margin * abs(good)
    return _Change(low / abs(good) if low is not None and good else low, holds)


def _ends(arms: Paired) -> tuple[float | None, float | None]:
    if arms.before.size == 0:
        return None, None
    return (float(arms.before.mean()), float(arms.after.mean())) if arms.whole is None else arms.whole.ends()


def _alike(arms: Paired) -> bool:
    return np.array_equal(arms.before, arms.after) if arms.whole is None else not arms.whole.moved.any()


def _log_ratios(arms: Paired, goal: Goal) -> Floats | None:
    """log(after / before) per unit where that is the scale of the metric, else None."""
    if arms.whole is not None:
        return _log_ratios_of(arms.whole, goal)
    if goal.direction == "higher" or arms.share or min(arms.before.min(), arms.after.min()) <= 0.0:
        return None
    return np.log(arms.after / arms.before)


def _log_ratios_of(whole: Whole, goal: Goal) -> Floats | None:
    """The same of a statistic of the whole set, linearised: per unit, with the log-ratio of the statistic as mean."""
    old, new = whole.ends()
    if goal.direction == "higher" or whole.share or min(old, new) <= 0.0:
        return None
    before, after = whole.linear()
    return math.log(new / old) + (after - new) / new - (before - old) / old
