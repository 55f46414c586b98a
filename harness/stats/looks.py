"""A confirmation in looks: which cases each look adds, what it may use of the error level, and when to stop.

The order of the cases is a seeded hash of their unit, fixed before anything is measured; a cluster is never split.
Knows nothing of how cases are run, nor of guardrails.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.stats.pairing import Paired
from harness.stats.sequential import Path, follow, spending
from harness.stats.signflip import Floats, Ints
from harness.stats.swap import swap
from harness.stats.whole import Whole

FEWEST = 12  # units; fewer allow a report but no claim, and no look


@dataclass(frozen=True, slots=True)
class Course:
    """The looks of one confirmation as planned."""

    blocks: tuple[frozenset[str], ...]  # units that each look adds
    shares: tuple[float, ...]  # of the cases, looked at after each look; the last is 1
    limits: tuple[float, ...]  # error level that may be used up to each look; the last is the whole level

    def seen(self, taken: int) -> frozenset[str]:
        """Units of the first ``taken`` looks."""
        return frozenset[str]().union(*self.blocks[:taken])


def plan(clusters: Mapping[str, str], alpha: float, looks: int, seed: int) -> Course:
    """``looks`` looks at about equal parts of the units of ``clusters`` (unit by case id), at level ``alpha`` in all.

    Fewer looks where a part would have less than ``FEWEST`` units: no claim could rest on the first of them.
    """
    sizes = Counter(clusters.values())
    order = sorted(sizes, key=lambda unit: hashlib.sha256(f"{seed}\x1f{unit}".encode()).digest())
    looks = max(1, min(looks, len(order) // FEWEST))
    ends = [round(len(order) * (j + 1) / looks) for j in range(looks)]
    blocks = tuple(frozenset(order[low:high]) for low, high in zip([0, *ends], ends, strict=False))
    seen = np.cumsum([sum(sizes[unit] for unit in block) for block in blocks])
    shares = tuple(float(count) / max(1, len(clusters)) for count in seen)
    return Course(blocks, shares, tuple(spending(alpha, share) for share in shares))


def walk(course: Course, taken: int, arms: Paired, d: Floats, steps: Ints | None, seed: int) -> Path:
    """The first ``taken`` looks at the differences ``d`` of ``arms.units``; ``steps``: the same on a lattice."""
    places = [np.array([unit in block for unit in arms.units], dtype=bool) for block in course.blocks[:taken]]
    lattices = None if steps is None else [steps[place] for place in places]
    return follow([d[place] for place in places], lattices, course.limits[:taken], seed)


def walked(course: Course, taken: int, units: Sequence[str], whole: Whole, sign: int, seed: int) -> Path:
    """``walk`` for a statistic of the whole set: each look takes it anew of all units so far."""
    seen = [course.seen(j + 1) for j in range(taken)]
    masks = [np.array([unit in block for unit in units], dtype=bool) for block in seen]
    return swap(whole, masks, course.limits[:taken], sign, seed)


def hopeless(gain: float | None, share: float) -> bool:
    """Whether a confirmation that has not crossed should end for futility after ``share`` of its cases.

    When the gain so far is below 0, and past half of the cases when it is not above 0: an early look at which nothing
    has moved says nothing. Not binding: the level holds whether or not one stops.
    """
    return gain is not None and (gain < 0 or (share > 0.5 and gain <= 0))
