"""Is the later version worse? The other side of the test that confirms a gain. Knows no goals and no verdicts.

The level of a comparison is shared by the metrics that count by Holm's step-down procedure (Holm 1979), which keeps the
chance of any false finding at or under it whatever the metrics have to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.stats.compare import contrast
from harness.stats.pairing import Paired
from harness.types import Direction


def p_worse(metric: str, direction: Direction, arms: Paired, tolerance: float, seed: int) -> float | None:
    """One-sided p of the mean of ``after`` being worse than that of ``before`` by more than ``tolerance``.

    The same sign-flip test as a gain's, turned round; with a tolerance it is made on after - (1 + t) before where lower
    is better, on after - (1 - t) before where higher is: the null hypothesis is that this difference has its centre at
    0 or on the good side. ``tolerance`` is a fraction such as .10. None without a pair of values. Of a statistic of the
    whole set the arms are swapped instead of signs; where it is made of counts there is no tolerance (ValueError).
    """
    opposite: Direction = "lower" if direction == "higher" else "higher"
    if tolerance:
        factor = 1 - tolerance if direction == "higher" else 1 + tolerance
        whole = None if arms.whole is None else arms.whole.scaled(factor)
        arms = replace(arms, before=arms.before * factor, lattice=None, share=False, whole=whole)
    return contrast(metric, opposite, arms, seed).p


def holm(ps: Sequence[float]) -> list[float]:
    """Each p value as adjusted for all of them, in their order: at or under a level = found at that level.

    The i-th smallest of m is multiplied by m - i + 1, is never below the one before it, and at most 1. Of none: none.
    """
    order = sorted(range(len(ps)), key=lambda index: ps[index])
    adjusted, least = [0.0] * len(ps), 0.0
    for rank, index in enumerate(order):
        least = max(least, min(1.0, (len(ps) - rank) * ps[index]))
        adjusted[index] = least
    return adjusted
