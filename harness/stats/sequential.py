"""Group-sequential looks of the paired sign-flip test: when a confirmation may stop early, at one level over all looks.

The units of the holdout come in blocks, in an order fixed beforehand. After each block the sum of all differences so
far is looked at. Given the sizes of the differences, each sign is a fair coin if nothing changed, so the chance of
every course of looks is known and the level over all of them is held exactly, whatever the law of the differences.
Knows numbers only: nothing of cases, metrics or verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.stats.signflip import CELLS, NORMAL_ABOVE, Floats, Ints, positive, sum_law

FLIPS = 20_000  # of the sampled test
SIGNS = 4_000_000  # held at once by the sampled test, about 100 MB
_SLACK = 1e-12  # relative: what adding up may leave


@dataclass(frozen=True, slots=True)
class Path:
    """What the looks taken so far showed, one entry per look."""

    p: tuple[float, ...]  # stagewise: chance, when nothing changed, of having crossed before or of a sum this large
    used: tuple[float, ...]  # chance, when nothing changed, of having crossed at this look or before; <= its limit
    crossed: int | None  # first look, 0-based, whose p is within its limit; None = none yet
    method: str  # as in signflip.p_value


def spending(alpha: float, share: float) -> float:
    """Error level that may be used up when ``share`` (0-1) of the cases have been looked at; ``alpha`` at 1.

    2 - 2 Phi(z(1 - alpha / 2) / sqrt(share)): Lan & DeMets (1983), Biometrika 70, of O'Brien-Fleming type, so that
    early looks take almost nothing from the last. 0 for a share of 0.
    """
    if share >= 1.0:
        return alpha
    if share <= 0.0:
        return 0.0
    return float(2.0 * special.ndtr(special.ndtri(alpha / 2.0) / math.sqrt(share)))


def follow(blocks: Sequence[Floats], lattices: Sequence[Ints] | None, limits: Sequence[float], seed: int) -> Path:
    """The looks after each of ``blocks``, whose cumulative levels are ``limits`` (not falling, see ``spending``).

    ``blocks``: differences of the units that each look adds, better is positive, in any order within a block; a block
    may be empty. ``lattices``: the same in integer steps of one common size, or None. At each look the boundary is the
    smallest sum whose chance, added to that of having crossed before, stays within the limit; what a look leaves unused
    stays for the later ones. The sum must be greater than 0 to cross.

    - "exact sign-flip": on a lattice the law of the sum is carried from look to look by convolution, without the mass
      that has crossed. The level over all looks is exact given the sizes of the differences.
    - "permutation": off a lattice, ``FLIPS`` seeded flips shared by all looks, the data as they are counted among them,
      so that the level holds; a p has a standard error of sqrt(p (1 - p) / FLIPS).
    - "normal": above ``NORMAL_ABOVE`` differences other than 0: P(Z >= z) of each look, the looks added up (never too
      small a p by that); error of each look as in ``signflip.p_value``.
    All differences 0: p = 1 at every look.
    """
    moved = sum(int(np.count_nonzero(block)) for block in blocks)
    if moved > NORMAL_ABOVE:
        return taken(_normal(blocks, limits), limits, "normal")
    if lattices is not None and moved * sum(int(np.abs(steps).sum()) for steps in lattices) <= CELLS:
        return taken(_exact(lattices, limits), limits, "exact sign-flip")
    return taken(ranked(np.rint(_flipped(blocks, seed) / _grain(blocks)), limits), limits, "permutation")


def taken(looks: Iterator[tuple[float, float]], limits: Sequence[float], method: str) -> Path:
    """A path from the (p, used) of each look."""
    p, used = zip(*looks, strict=True)
    crossed = next((j for j, chance in enumerate(p) if chance <= limits[j] * (1 + _SLACK)), None)
    return Path(tuple(positive(float(min(1.0, chance))) for chance in p), used, crossed, method)


def _exact(lattices: Sequence[Ints], limits: Sequence[float]) -> Iterator[tuple[float, float]]:
    """(p, used) look by look. ``law[b]`` = chance that the steps with sign plus sum to b and no look was crossed."""
    law, whole, total, used = np.ones(1), 0, 0, 0.0
    for steps, limit in zip(lattices, limits, strict=True):
        sizes = np.abs(steps[steps != 0])
        law = np.convolve(law, sum_law(sizes))
        whole, total = whole + int(sizes.sum()), total + int(steps.sum())
        tails = np.append(np.cumsum(law[::-1])[::-1], 0.0)  # tails[b] = chance of b or more, and not crossed before
        p = used + float(tails[(total + whole) // 2])  # a signed sum S is 2 b - whole
        boundary = int(np.argmax(tails <= (limit - used) * (1 + _SLACK)))
        used += float(tails[boundary])
        law[boundary:] = 0.0
        yield p, used


def ranked(sums: Floats, limits: Sequence[float]) -> Iterator[tuple[float, float]]:
    """(p, used) look by look, over the data as they are (row 0) and other flips of them that are as likely.

    ``sums``: what is looked at, shape (flips, looks); values that are to count as equal are equal.
    """
    alive, crossed = np.ones(len(sums), dtype=bool), 0
    for column, limit in zip(sums.T, limits, strict=True):
        p = (crossed + np.count_nonzero(alive & (column >= column[0]))) / len(sums)
        room = math.floor(limit * len(sums) * (1 + _SLACK)) - crossed  # rows that may cross here
        ranked = np.sort(column[alive])[::-1]
        # All rows above the first value that no longer fits: equal sums cross together or not at all.
        over = alive & (column > ranked[room]) if room < ranked.size else alive
        alive = alive & ~over
        crossed += int(np.count_nonzero(over))
        yield p, crossed / len(sums)


def _flipped(blocks: Sequence[Floats], seed: int) -> Floats:
    """Cumulative sums of shape (1 + FLIPS, looks); every look sees the same signs."""
    d = np.concatenate(blocks)
    ends = np.cumsum([block.size for block in blocks])
    rng, rows = np.random.default_rng(seed), max(1, SIGNS // max(1, d.size))
    sums = [_running(d[None, :], ends)]
    for start in range(0, FLIPS, rows):
        signs = rng.integers(0, 2, (min(rows, FLIPS - start), d.size), dtype=np.int8) * 2 - 1
        sums.append(_running(signs * d, ends))
    return np.concatenate(sums)


def _running(signed: Floats, ends: Ints) -> Floats:
    return np.stack([signed[:, :end].sum(axis=1) for end in ends], axis=1)


def _grain(blocks: Sequence[Floats]) -> float:
    """Sums that differ by less are equal but for rounding."""
    return float(_SLACK * sum(np.abs(block).sum() for block in blocks)) or 1.0


def _normal(blocks: Sequence[Floats], limits: Sequence[float]) -> Iterator[tuple[float, float]]:
    total = squares = before = 0.0
    for block, limit in zip(blocks, limits, strict=True):
        total, squares = total + float(block.sum()), squares + float(block @ block)
        yield before + (float(special.ndtr(-total / math.sqrt(squares))) if squares else 1.0), limit
        before = limit
