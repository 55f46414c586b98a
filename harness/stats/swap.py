"""The paired test of a statistic of the whole set: the arms of each unit swapped, the statistic taken anew.

If the change made no difference, the two arms of a unit are two draws of one law, and which of them is called the
candidate is a fair coin. p is the chance, over all ways of swapping, of a gain at least as large as the one seen
(Fisher 1935; for statistics of a corpus: Noreen 1989, "Computer-Intensive Methods for Testing Hypotheses"). The level
holds for any statistic and any number of units. What is tested is that the arms can be exchanged: of two versions that
differ otherwise and have the same F1 or percentile it says nothing exact (see docs/how-it-decides.md).
Knows numbers only: nothing of metrics, goals or verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import special

from harness.stats.formulas import Floats
from harness.stats.sequential import Path, ranked, taken
from harness.stats.signflip import NORMAL_ABOVE
from harness.stats.whole import Bools, Whole

FEWEST_FLIPS = 2_000  # of the largest sets
WORK = 4_000_000_000  # numbers that all flips of a test may look at, about ten seconds
BATCH = 4_000_000  # of these at once, about 100 MB
EXACT, SAMPLED, NORMAL = "exact swap of arms", "swap of arms", "normal"
_GRAIN = 1e-10  # of the statistic: gains that differ by less are equal but for rounding


def swap(whole: Whole, looks: Sequence[Bools], limits: Sequence[float], sign: int, seed: int) -> Path:
    """The looks at the units of each mask, every mask holding the one before; ``limits`` as in ``sequential.follow``.

    ``sign``: 1 = higher is better, -1 = lower is. All looks see the same flips, so that the level is that of all of
    them together. Units that are alike in both arms are left out: swapping them changes nothing.

    - "exact swap of arms": where at most log2(``Whole.flips``) units differ, all 2^n ways.
    - "swap of arms": else ``most`` seeded ones, fewer on very large sets (``FEWEST_FLIPS`` at least), the data as they
      are counted among them: p = (b + 1) / (m + 1), standard error sqrt(p (1 - p) / m).
    - "normal": above ``signflip.NORMAL_ABOVE`` units that differ: P(Z >= z) of each look's linearised differences
      (``Whole.linear``), the looks added up.
    n = 0 and nothing that differs: p = 1. One unit that differs: p = .5 for a gain, else 1. Gains that are alike up to
    rounding count as equal.
    """
    moved = int(np.count_nonzero(whole.moved))
    if moved > NORMAL_ABOVE:
        return taken(_normal(whole, looks, limits, sign), limits, NORMAL)
    rows = gains(whole, looks, sign, seed)
    return taken(ranked(rows, limits), limits, EXACT if 2**moved <= whole.flips else SAMPLED)


def gains(whole: Whole, looks: Sequence[Bools], sign: int, seed: int) -> Floats:
    """The gain at each look (column) under each flip (row), in steps of what rounding leaves; row 0: the data."""
    moved = np.flatnonzero(whole.moved)
    parts = [whole.only(mask) for mask in looks]
    every = np.zeros(whole.moved.size, dtype=bool)
    blocks = []
    for flips in _flips(whole, moved.size, seed):
        rows = np.repeat(every[None, :], len(flips), axis=0)
        rows[:, moved] = flips
        blocks.append(np.stack([_gain(part, rows[:, mask]) for part, mask in zip(parts, looks, strict=True)], axis=1))
    grain = _GRAIN * max((abs(end) for part in parts if part.moved.size for end in part.ends()), default=0.0) or 1.0
    return np.asarray(np.rint(sign * np.concatenate(blocks) / grain))


def _gain(part: Whole, flips: Bools) -> Floats:
    return part.swapped(flips) if part.moved.any() else np.zeros(len(flips))


def _flips(whole: Whole, moved: int, seed: int) -> Iterator[Bools]:
    """All ways of swapping ``moved`` units, or seeded ones, in batches; the first is the data as they are."""
    width = max(1, whole.width)
    size = max(1, BATCH // width)
    if 2**moved <= whole.flips:
        ways = np.arange(2**moved)
        for start in range(0, ways.size, size):
            yield (ways[start : start + size, None] >> np.arange(moved)) & 1 == 1
        return
    yield np.zeros((1, moved), dtype=bool)
    rng, left = np.random.default_rng(seed), min(whole.flips, max(FEWEST_FLIPS, WORK // width))
    while left:
        yield rng.integers(0, 2, (min(size, left), moved), dtype=np.int8) == 1
        left -= min(size, left)


def _normal(whole: Whole, looks: Sequence[Bools], limits: Sequence[float], sign: int) -> Iterator[tuple[float, float]]:
    before = 0.0
    for mask, limit in zip(looks, limits, strict=True):
        part = whole.only(mask)
        old, new = part.linear() if mask.any() else (np.zeros(0), np.zeros(0))
        d = sign * (new - old)
        squares = float(d @ d)
        yield before + (float(special.ndtr(-float(d.sum()) / math.sqrt(squares))) if squares else 1.0), limit
        before = limit
