"""Two arms on the same cases -> Comparison. Knows nothing of levels, goals or what follows from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.stats.intervals import deviation, gain_interval
from harness.stats.looks import Course, walk, walked
from harness.stats.pairing import Paired, pair
from harness.stats.signflip import Floats, Ints, p_value
from harness.stats.swap import swap
from harness.stats.whole import Whole
from harness.types import Comparison, Direction, Look, Score


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the looks of a confirmation that were taken so far have shown."""

    comparison: Comparison  # on all cases so far; p as of the look that crossed, else of the last
    looks: tuple[Look, ...]
    crossed: bool  # the gain was significant at one of them


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

    No unit with a value in both arms: a Comparison of Nones with n = 0. One unit: gain and p, but no interval and no
    spread. All units alike in both arms: gain 0, p 1; all moved by the same: no effect size, for it has no spread.
    """
    return contrast(metric, direction, pair(before, after, clusters), seed)


def contrast(metric: str, direction: Direction, arms: Paired, seed: int) -> Comparison:
    """``compare`` on arms that are paired already, for simulations that hold arrays instead of scores."""
    d, steps = _differences(direction, arms)
    found = _described(metric, direction, arms, d)
    if found.n == 0:
        return found
    if arms.whole is not None:
        path = swap(arms.whole, [np.ones(found.n, dtype=bool)], [1.0], _sign(direction), seed)
        return replace(found, p=path.p[0], method=path.method)
    p, method = p_value(d, steps, seed)
    return replace(found, p=p, method=method)


def sight(metric: str, direction: Direction, arms: Paired, course: Course, taken: int, seed: int) -> Sighting:
    """The first ``taken`` looks (1 or more) of a course, computed anew from all pairs so far: nothing is carried over.

    ``arms`` holds the units of those looks and names them. A look without a unit that has a pair says None.
    """
    d, steps = _differences(direction, arms)
    found, sign = _described(metric, direction, arms, d), _sign(direction)
    if arms.whole is None:
        path = walk(course, taken, arms, d, steps, seed)
    else:
        path = walked(course, taken, arms.units, arms.whole, sign, seed)
    seen: set[str] = set()
    looks = []
    for j, block in enumerate(course.blocks[:taken]):
        seen |= block
        kept = np.array([unit in seen for unit in arms.units], dtype=bool)
        part = d[kept]
        gain, p = (_gain(part, arms.whole, kept, sign), path.p[j]) if part.size else (None, None)
        looks.append(Look(course.shares[j], int(part.size), gain, p, course.limits[j], path.used[j]))
    if found.n:
        found = replace(found, p=path.p[-1 if path.crossed is None else path.crossed], method=path.method)
    return Sighting(found, tuple(looks), path.crossed is not None)


def _differences(direction: Direction, arms: Paired) -> tuple[Floats, Ints | None]:
    """Per unit, better is positive; the same in integer steps where there is a lattice."""
    sign = _sign(direction)
    steps = None if arms.lattice is None else sign * arms.lattice
    d = sign * (arms.after - arms.before)
    if steps is not None:
        d[steps == 0] = 0.0  # what rounding left of a tie
    return d, steps


def _sign(direction: Direction) -> int:
    return 1 if direction == "higher" else -1


def _gain(d: Floats, whole: Whole | None, kept: NDArray[np.bool_], sign: int) -> float:
    """Of the units at one look."""
    if whole is None:
        return float(d.mean())
    old, new = whole.only(kept).ends()
    return sign * (new - old)


def _described(metric: str, direction: Direction, arms: Paired, d: Floats) -> Comparison:
    """Everything but the p value. Of a statistic of the whole set the interval is that of its linearised differences;
    how many units improved is told by their own values either way."""
    if d.size == 0:
        return Comparison(metric, 0, arms.missing, None, None, None, None, None, None, None, 0, 0, 0, "none")
    before, after, own, share = float(arms.before.mean()), float(arms.after.mean()), d, arms.share
    gain = float(d.mean())
    if arms.whole is not None:
        sign, share = _sign(direction), arms.whole.share
        (before, after), (old, new) = arms.whole.ends(), arms.whole.linear()
        own, gain = sign * (new - old), sign * (after - before)
    low, high = gain_interval(own, share=share)
    spread = deviation(own)
    return Comparison(
        metric=metric,
        n=int(d.size),
        missing=arms.missing,
        before=before,
        after=after,
        gain=gain,
        low=low,
        high=high,
        p=None,
        effect=gain / spread if spread else None,
        improved=int(np.count_nonzero(d > 0)),
        kept=int(np.count_nonzero(d == 0)),
        worse=int(np.count_nonzero(d < 0)),
        method="none",
        spread=spread,
    )
