"""Two arms on the same cases -> Comparison. Knows nothing of levels, goals or what follows from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harness.stats.intervals import deviation, gain_interval
from harness.stats.pairing import Paired, pair
from harness.stats.signflip import p_value
from harness.types import Comparison, Direction, Score


def compare(
    metric: str,
    direction: Direction,
    before: Sequence[Score],
    after: Sequence[Score],
    clusters: Mapping[str, str],
    seed: int,
) -> Comparison:
    """The candidate's scores ``after`` against the baseline's ``before``, paired by case.

    ``clusters``: cluster by case id, for cases that stand or fall together; {} = every case by itself. ``seed`` is used
    only where the exact law is out of reach (see ``signflip.p_value``). Order of the scores does not matter.
    """
    return contrast(metric, direction, pair(before, after, clusters), seed)


def contrast(metric: str, direction: Direction, arms: Paired, seed: int) -> Comparison:
    """``compare`` on arms that are paired already, for simulations that hold arrays instead of scores."""
    n = int(arms.before.size)
    if n == 0:
        return Comparison(metric, 0, arms.missing, None, None, None, None, None, None, None, 0, 0, 0, "none")
    sign = 1 if direction == "higher" else -1
    steps = None if arms.lattice is None else sign * arms.lattice
    d = sign * (arms.after - arms.before)
    if steps is not None:
        d[steps == 0] = 0.0  # what rounding left of a tie
    p, method = p_value(d, steps, seed)
    low, high = gain_interval(d, share=arms.share)
    gain, spread = float(d.mean()), deviation(d)
    return Comparison(
        metric=metric,
        n=n,
        missing=arms.missing,
        before=float(arms.before.mean()),
        after=float(arms.after.mean()),
        gain=gain,
        low=low,
        high=high,
        p=p,
        effect=gain / spread if spread else None,
        improved=int(np.count_nonzero(d > 0)),
        kept=int(np.count_nonzero(d == 0)),
        worse=int(np.count_nonzero(d < 0)),
        method=method,
    )
