"""The comparison against brute force, and the properties that make its p value worth anything."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.stats import compare, contrast
from harness.stats.pairing import pair
from harness.stats.signflip import RESAMPLES, as_lattice, p_value, sum_law
from harness.types import Comparison, Score

INTS = st.lists(st.integers(-7, 7), min_size=1, max_size=12)


def scores(values: Sequence[Sequence[float | None]], metric: str = "accuracy") -> list[Score]:
    """One row per case, one column per run."""
    return [Score(metric, f"c{i:03}", k, v) for i, row in enumerate(values) for k, v in enumerate(row)]


def brute_force(d: Sequence[float]) -> float:
    """The share of all sign patterns with a sum at least the observed one."""
    flips = itertools.product((-1, 1), repeat=len(d))
    sums = [sum(sign * abs(x) for sign, x in zip(signs, d, strict=True)) for signs in flips]
    return sum(s >= sum(d) - 1e-9 for s in sums) / len(sums)


def finite(found: Comparison) -> bool:
    """No inf and no nan anywhere."""
    numbers = (getattr(found, name) for name in found.__slots__)
    return all(math.isfinite(x) for x in numbers if isinstance(x, float))


@given(INTS)
def test_exact_law_equals_enumeration(d: list[int]) -> None:
    p, method = p_value(np.array(d, dtype=float), np.array(d), seed=0)
    assert method == "exact sign-flip"
    assert p == pytest.approx(brute_force(d), rel=1e-12)


@given(st.lists(st.floats(-5, 5).filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=9))
@settings(max_examples=25)
def test_sampled_test_enumerates_when_few(d: list[float]) -> None:
    p, method = p_value(np.array(d), None, seed=0)
    assert method == "permutation"
    assert p == pytest.approx(brute_force(d), abs=1e-12)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_valid_under_the_null_by_full_enumeration(sizes: list[int]) -> None:
    """Over every sign pattern, each equally likely when nothing changed: P(p <= a) <= a at every a."""
    patterns = [np.array(s) * np.array(sizes) for s in itertools.product((-1, 1), repeat=len(sizes))]
    ps = np.sort([p_value(d.astype(float), d, seed=0)[0] for d in patterns])
    ranks = np.searchsorted(ps, ps * (1 + 1e-12), side="right") / len(ps)
    assert (ranks <= ps * (1 + 1e-9)).all()
    assert ps[-1] == pytest.approx(1.0)


@given(INTS)
def test_both_sides_share_the_probability(d: list[int]) -> None:
    """P(S >= s) + P(S >= -s) = 1 + P(S = s)."""
    steps = np.array(d)
    up, down = (p_value(sign * steps.astype(float), sign * steps, 0)[0] for sign in (1, -1))
    weights = np.abs(steps[steps != 0])
    tie = sum_law(weights)[(steps.sum() + weights.sum()) // 2]
    assert up + down == pytest.approx(1.0 + tie)


@given(INTS, st.data())
def test_better_cases_never_raise_p(d: list[int], data: st.DataObject) -> None:
    """Turning a loss into an equal win leaves the law as it is and moves the sum up."""
    losses = [i for i, x in enumerate(d) if x < 0]
    assume(losses)
    turned = list(d)
    i = data.draw(st.sampled_from(losses))
    turned[i] = -turned[i]
    p = [p_value(np.array(x, dtype=float), np.array(x), 0)[0] for x in (d, turned)]
    assert p[1] <= p[0]


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_order_of_scores_does_not_matter(rows: list[tuple[bool, bool, bool, bool]]) -> None:
    before, after = scores([r[:2] for r in rows]), scores([r[2:] for r in rows])
    first = compare("accuracy", "higher", before, after, {}, 1)
    shuffled = random.Random(0)
    shuffled.shuffle(before)
    shuffled.shuffle(after)
    assert compare("accuracy", "higher", before, after, {}, 1) == first


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), min_size=4, max_size=4),
        max_size=12,
    )
)
@settings(max_examples=60)
def test_whatever_comes_in_numbers_come_out(rows: list[list[float | None]]) -> None:
    found = compare("m", "lower", scores([r[:2] for r in rows]), scores([r[2:] for r in rows]), {}, 1)
    assert finite(found)
    assert found.n == found.improved + found.kept + found.worse
    assert found.n + found.missing == len(rows)
    if found.p is not None and found.gain is not None:
        assert 0 < found.p <= 1
        assert found.low is None or found.low - 1e-9 <= found.gain <= (found.high or 0.0) + 1e-9


@given(st.lists(st.integers(0, 32), min_size=2, max_size=30))
def test_direction_turns_the_sign(wins: list[int]) -> None:
    before, after = scores([[0.5]] * len(wins)), scores([[w / 32] for w in wins])
    higher = compare("m", "higher", before, after, {}, 1)
    lower = compare("m", "lower", before, after, {}, 1)
    assert higher.gain == pytest.approx(-(lower.gain or 0.0))
    assert (higher.improved, higher.worse) == (lower.worse, lower.improved)
    assert higher.before == lower.before


def test_all_equal_is_no_evidence() -> None:
    arm = scores([[1.0, 0.0, 1.0]] * 30)
    found = compare("accuracy", "higher", arm, arm, {}, 1)
    assert (found.p, found.gain, found.effect) == (1.0, 0.0, None)
    assert (found.improved, found.kept, found.worse) == (0, 30, 0)
    assert found.low is not None and found.high is not None and found.low < 0 < found.high


def test_every_case_moves_alike() -> None:
    """No spread: the t test of the source would say p = 0, ours says 2^-n."""
    found = compare("accuracy", "higher", scores([[0.0] * 5] * 10), scores([[1.0] * 5] * 10), {}, 1)
    assert found.p == pytest.approx(2**-10)
    assert found.effect is None
    assert finite(found)


def test_p_never_rounds_to_zero() -> None:
    found = compare("accuracy", "higher", scores([[0.0]] * 2000), scores([[1.0]] * 2000), {}, 1)
    assert found.p is not None and 0 < found.p < 1e-300


@pytest.mark.parametrize(("after", "p"), [(1.0, 0.5), (0.0, 1.0)])
def test_one_case(after: float, p: float) -> None:
    found = compare("accuracy", "higher", scores([[0.0]]), scores([[after]]), {}, 1)
    assert (found.n, found.p, found.low, found.high, found.effect) == (1, p, None, None, None)


def test_no_case() -> None:
    found = compare("accuracy", "higher", [], scores([[1.0]]), {}, 1)
    assert (found.n, found.missing, found.p, found.method) == (0, 1, None, "none")


def test_only_shared_runs_count() -> None:
    """k = 1 is missing before: its value after must not tilt the difference."""
    before, after = scores([[1.0, None], [0.0, 0.0]]), scores([[1.0, 0.0], [1.0, 1.0]])
    found = compare("accuracy", "higher", before, after, {}, 1)
    assert (found.n, found.missing, found.improved, found.kept) == (2, 0, 1, 1)


def test_unequal_runs_stay_exact() -> None:
    """Thirds and fifths meet on fifteenths."""
    before, after = scores([[0.0] * 3, [0.0] * 5, [1.0] * 5]), scores([[1.0, 0.0, 0.0], [1.0, 1.0, 0, 0, 0], [1.0] * 5])
    found = compare("accuracy", "higher", before, after, {}, 1)
    assert (found.method, found.p) == ("exact sign-flip", 0.25)


def test_cases_of_a_cluster_are_one_unit() -> None:
    before, after = scores([[0.0]] * 12), scores([[1.0]] * 12)
    clusters = {f"c{i:03}": f"page {i % 3}" for i in range(12)}
    found = compare("accuracy", "higher", before, after, clusters, 1)
    assert (found.n, found.p) == (3, 0.125)


def test_continuous_metric_is_sampled_from_its_seed() -> None:
    rng = np.random.default_rng(3)
    before = scores(rng.lognormal(0.0, 0.3, (60, 2)).tolist(), "latency")
    after = scores(rng.lognormal(-0.1, 0.3, (60, 2)).tolist(), "latency")
    found = [compare("latency", "lower", before, after, {}, seed) for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0].method == "permutation"
    assert found[0].p is not None and found[0].p * (RESAMPLES + 1) == pytest.approx(round(found[0].p * (RESAMPLES + 1)))
    assert found[2].p == pytest.approx(found[0].p, abs=0.02)


def test_sampled_and_exact_agree() -> None:
    rng = np.random.default_rng(5)
    steps = rng.integers(-5, 7, 80)
    exact, sampled = (p_value(steps / 5, lattice, seed=1)[0] for lattice in (steps, None))
    assert sampled == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / RESAMPLES))


def test_normal_law_is_near_the_exact_one() -> None:
    rng = np.random.default_rng(7)
    steps = np.where(rng.random(10_500) < 0.512, 1, -1)
    normal, method = p_value(steps.astype(float), steps, seed=1)
    weights = np.abs(steps)
    exact = float(sum_law(weights)[(steps.sum() + weights.sum()) // 2 :].sum())
    assert method == "normal"
    assert normal == pytest.approx(exact, abs=0.0056)


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=20), st.sampled_from([1, 2, 3, 5, 6, 10]))
def test_lattice_keeps_ratios(steps: list[int], denominator: int) -> None:
    found = as_lattice(np.array(steps) / denominator, denominator)
    assert found is not None
    divisor = max(1, math.gcd(*steps))
    assert (found * divisor).tolist() == steps


def test_contrast_is_compare_on_arrays() -> None:
    from tests.worlds import paired

    rng = np.random.default_rng(11)
    before, after = rng.random((40, 5)) < 0.6, rng.random((40, 5)) < 0.7
    arms = scores(before.astype(float).tolist()), scores(after.astype(float).tolist())
    assert contrast("accuracy", "higher", paired(before, after), 1) == compare("accuracy", "higher", *arms, {}, 1)
    assert pair(*arms, {}).share
