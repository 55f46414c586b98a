"""Looks: the exact law against enumeration, the level over all looks, and what must not matter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as reference

from harness.stats.sequential import Path, follow, spending
from harness.stats.signflip import NORMAL_ABOVE, p_value

BLOCKS = st.lists(st.lists(st.integers(-4, 4), max_size=4), min_size=1, max_size=3)
ALPHA = st.sampled_from([0.01, 0.05, 0.2, 0.4])


def limits_of(alpha: float, looks: int) -> list[float]:
    return [spending(alpha, (j + 1) / looks) for j in range(looks)]


def on_lattice(blocks: Sequence[Sequence[int]], limits: Sequence[float]) -> Path:
    steps = [np.array(block, dtype=np.int64) for block in blocks]
    return follow([s.astype(float) for s in steps], steps, limits, seed=0)


def off_lattice(blocks: Sequence[Sequence[float]], limits: Sequence[float], seed: int = 0) -> Path:
    return follow([np.array(block, dtype=float) for block in blocks], None, limits, seed)


def every_flip(blocks: Sequence[Sequence[int]]) -> list[list[list[int]]]:
    """All sign patterns of the sizes, split into the same blocks."""
    ends = list(itertools.accumulate(len(b) for b in blocks))
    flat = [abs(x) for b in blocks for x in b]
    flips = itertools.product((-1, 1), repeat=len(flat))
    signed = [[s * x for s, x in zip(signs, flat, strict=True)] for signs in flips]
    return [[row[end - len(b) : end] for b, end in zip(blocks, ends, strict=True)] for row in signed]


@given(BLOCKS.filter(lambda blocks: sum(map(len, blocks)) <= 6), ALPHA)
@settings(max_examples=40, deadline=None)
def test_the_level_over_all_looks_is_what_is_said_and_no_more(blocks: list[list[int]], alpha: float) -> None:
    """Every sign pattern is equally likely when nothing changed: the share that crosses by look j is ``used[j]``."""
    limits = limits_of(alpha, len(blocks))
    paths = [on_lattice(pattern, limits) for pattern in every_flip(blocks)]
    for j, limit in enumerate(limits):
        share = sum(path.crossed is not None and path.crossed <= j for path in paths) / len(paths)
        assert share <= limit * (1 + 1e-9)
        assert share == pytest.approx(paths[0].used[j], abs=1e-12)


@given(BLOCKS.filter(lambda blocks: sum(map(len, blocks)) <= 6), ALPHA)
@settings(max_examples=25, deadline=None)
def test_p_is_the_share_of_flips_that_went_as_far(blocks: list[list[int]], alpha: float) -> None:
    limits = limits_of(alpha, len(blocks))
    seen = on_lattice(blocks, limits)
    flips = every_flip(blocks)
    paths = [on_lattice(pattern, limits) for pattern in flips]
    for j in range(len(blocks)):
        sums = [sum(map(sum, pattern[: j + 1])) for pattern in flips]
        mine = sum(map(sum, blocks[: j + 1]))
        before = [path.crossed is not None and path.crossed < j for path in paths]
        share = sum(b or s >= mine for b, s in zip(before, sums, strict=True)) / len(flips)
        assert seen.p[j] == pytest.approx(share, abs=1e-12)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12), ALPHA)
def test_one_look_is_the_plain_test(d: list[int], alpha: float) -> None:
    steps = np.array(d)
    assert on_lattice([d], [alpha]).p[0] == pytest.approx(p_value(steps.astype(float), steps, 0)[0], rel=1e-12)


@given(BLOCKS, ALPHA, st.randoms())
@settings(deadline=None)
def test_order_within_a_look_does_not_matter(blocks: list[list[int]], alpha: float, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [random.sample(block, len(block)) for block in blocks]
    limits = limits_of(alpha, len(blocks))
    assert on_lattice(shuffled, limits) == on_lattice(blocks, limits)


@given(BLOCKS, ALPHA)
@settings(deadline=None)
def test_a_better_case_never_raises_p_and_never_uncrosses(blocks: list[list[int]], alpha: float) -> None:
    limits = limits_of(alpha, len(blocks))
    turned = [[abs(x) for x in block] for block in blocks]
    worse, better = on_lattice(blocks, limits), on_lattice(turned, limits)
    assert all(b <= w * (1 + 1e-9) for b, w in zip(better.p, worse.p, strict=True))
    assert worse.crossed is None or (better.crossed is not None and better.crossed <= worse.crossed)


@given(BLOCKS, ALPHA)
@settings(deadline=None)
def test_swapped_arms_cannot_both_win(blocks: list[list[int]], alpha: float) -> None:
    limits = limits_of(alpha, len(blocks))
    paths = [on_lattice([[sign * x for x in block] for block in blocks], limits) for sign in (1, -1)]
    assert sum(path.crossed is not None and path.crossed == 0 for path in paths) <= 1


@pytest.mark.parametrize("blocks", [[[]], [[], []], [[0, 0], [0]], [[0], [], [0]]])
def test_nothing_moved(blocks: list[list[int]]) -> None:
    limits = limits_of(0.05, len(blocks))
    for path in (on_lattice(blocks, limits), off_lattice(blocks, limits)):
        assert (set(path.p), path.crossed) == ({1.0}, None)


def test_one_unit_never_suffices() -> None:
    assert on_lattice([[3]], [0.05]).p == (0.5,)
    assert on_lattice([[3]], [0.05]).crossed is None


def test_early_looks_leave_the_last_almost_whole() -> None:
    """O'Brien-Fleming type: what 1/3 and 2/3 of the cases may use, and the boundary left to the end."""
    first, second, last = limits_of(0.05, 3)
    assert (first, last) == (pytest.approx(0.00069, abs=5e-6), 0.05)
    assert second == pytest.approx(2 * (1 - reference.norm.cdf(reference.norm.isf(0.025) / math.sqrt(2 / 3))))
    assert (spending(0.05, 0.0), spending(0.05, 1.0)) == (0.0, 0.05)


def test_the_sampled_law_agrees_with_the_exact_one() -> None:
    rng = np.random.default_rng(4)
    blocks = [rng.integers(-5, 7, 40).tolist() for _ in range(3)]
    limits = limits_of(0.05, 3)
    exact, sampled = on_lattice(blocks, limits), off_lattice(blocks, limits)
    assert (exact.method, sampled.method) == ("exact sign-flip", "permutation")
    assert sampled.p == pytest.approx(exact.p, abs=0.01)
    assert sampled.used == pytest.approx(exact.used, abs=0.002)
    assert off_lattice(blocks, limits) == sampled


def test_the_sampled_law_holds_its_level() -> None:
    """Continuous differences without a gain: 120 courses of three looks at .2."""
    rng = np.random.default_rng(5)
    limits = limits_of(0.2, 3)
    crossed = [off_lattice(rng.standard_normal((3, 5)).tolist(), limits, i).crossed is not None for i in range(120)]
    assert reference.binomtest(sum(crossed), 120, 0.2).pvalue > 1e-3
    assert all(used <= limit for used, limit in zip(off_lattice([[1.5, 2.5]] * 3, limits).used, limits, strict=True))


def test_many_units_use_the_normal_law_and_never_claim_more() -> None:
    rng = np.random.default_rng(6)
    steps = [rng.choice([-1, 1], NORMAL_ABOVE // 2, p=[0.49, 0.51]) for _ in range(3)]
    limits = limits_of(0.05, 3)
    path = follow([s.astype(float) for s in steps], steps, limits, 0)
    assert path.method == "normal"
    total = np.concatenate(steps)
    alone = reference.norm.sf(total.sum() / math.sqrt(total.size))
    assert path.p[2] == pytest.approx(limits[1] + alone, abs=1e-12)
