"""A judge against people: kappa by hand and by its definition, and corrections that hold their level."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from harness import stats
from harness.types import Summary

VALUES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


def seen(values: np.ndarray) -> Summary:
    """A mean over cases."""
    spread = float(values.std(ddof=1))
    return Summary("m", len(values), 0, float(values.mean()), spread, None, None, None, None, None)


def test_kappa_is_that_of_the_textbook() -> None:
    judge = [1.0] * 25 + [0.0] * 25  # Cohen's table 20, 5, 10, 15
    people = [1.0] * 20 + [0.0] * 5 + [1.0] * 10 + [0.0] * 15
    found = stats.kappa(judge, people)
    assert found.value == pytest.approx(0.4)
    # Fleiss, Cohen & Everitt 1969 for this table
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * 0.1269960, abs=1e-5)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=60))
def test_kappa_is_agreement_beyond_chance(pairs: list[tuple[float, float]]) -> None:
    judge, people = [j for j, _ in pairs], [p for _, p in pairs]
    found = stats.kappa(judge, people)
    levels = {*judge, *people}
    chance = sum(judge.count(x) * people.count(x) for x in levels) / len(pairs) ** 2
    if chance == 1:
        assert found.value is None
        return
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    assert found.value == pytest.approx((agreed - chance) / (1 - chance))
    assert -1 <= found.low <= found.value + 1e-12 <= found.high + 2e-12 <= 1 + 2e-12
    if len(levels) == 2:
        assert stats.kappa(judge, people, weighted=True).value == pytest.approx(found.value)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=50))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    judge, people = [j for j, _ in pairs], [p for _, p in pairs]
    levels = sorted({*judge, *people})
    if len(levels) < 2 or len({*judge}) + len({*people}) < 3:
        return
    for weights, ours in ((None, False), ("quadratic", True)):
        if weights and levels != list(range(levels[0], levels[-1] + 1)):
            continue  # scikit-learn weighs by rank, we by value: alike where no value between is missing
        found = stats.kappa([j / 3 for j in judge], [p / 3 for p in people], weighted=ours)
        assert found.value == pytest.approx(cohen_kappa_score(judge, people, weights=weights), abs=1e-9)


def test_full_agreement_proves_no_perfect_judge() -> None:
    found = stats.kappa([0.0, 1.0] * 5, [0.0, 1.0] * 5)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low < 0.6


def test_near_misses_count_in_part_with_weights() -> None:
    judge, people = [0.0, 0.25, 0.75, 1.0] * 10, [0.25, 0.0, 1.0, 0.75] * 10
    assert stats.kappa(judge, people).value < 0 < stats.kappa(judge, people, weighted=True).value


def test_a_liking_for_long_replies_is_seen_and_its_absence_too() -> None:
    rng = np.random.default_rng(1)
    lengths = rng.integers(10, 1000, 200)
    people = (rng.random(200) < 0.5).astype(float)
    fond = np.where((lengths > 500) & (rng.random(200) < 0.4), 1.0, people)
    assert stats.bias_by_length(list(fond), list(people), list(lengths)).low > 0
    fair = np.where(rng.random(200) < 0.2, 1 - people, people)
    found = stats.bias_by_length(list(fair), list(people), list(lengths))
    assert found.low < 0 < found.high


def covered(draw, correct, truth: float, times: int = 1500) -> float:
    """Share of the intervals that hold the truth."""
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(times):
        found = correct(*draw(rng))
        hits += found.low is not None and found.low <= truth <= found.high
    return hits / times


@pytest.mark.parametrize("truth", [0.3, 0.95])
def test_rogan_gladen_holds_its_level_where_the_raw_mean_does_not(truth: float) -> None:
    def says(rng, people):
        return np.where(people == 1, rng.random(people.size) < 0.9, rng.random(people.size) < 0.3).astype(float)

    def draw(rng):
        labels = (rng.random(100) < 0.5).astype(float)
        judged = says(rng, (rng.random(200) < truth).astype(float))
        return seen(judged), stats.verdicts(list(says(rng, labels)), list(labels))

    assert covered(draw, stats.rogan_gladen, truth) >= 0.94
    raw = truth * 0.9 + (1 - truth) * 0.3
    assert abs(raw - truth) > 0.04


@pytest.mark.parametrize("truth", [0.45, 0.6])
def test_prediction_powered_inference_holds_its_level_and_uses_the_judge(truth: float) -> None:
    def pairs(rng, n):
        people = np.clip(np.round(rng.normal(truth * 4, 1, n)), 0, 4) / 4
        return np.clip(people + 0.25 * (rng.random(n) < 0.6), 0, 1), people

    big = pairs(np.random.default_rng(3), 400_000)[1].mean()

    def draw(rng):
        judge, people = pairs(rng, 60)
        return seen(pairs(rng, 400)[0]), stats.verdicts(list(judge), list(people)), 60

    assert covered(draw, stats.prediction_powered, float(big)) >= 0.93
    summary, known, n = draw(np.random.default_rng(5))
    found = stats.prediction_powered(summary, known, n)
    alone = 2 * 2.0 * math.sqrt(known.people_variance / n)
    assert found.high - found.low < alone


def test_a_judge_that_tells_nothing_corrects_nothing() -> None:
    known = stats.verdicts([1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0])
    assert stats.rogan_gladen(seen(np.array([1.0, 0.0, 1.0])), known).value is None
    assert stats.rogan_gladen(seen(np.array([1.0, 0.0])), stats.verdicts([1.0, 1.0], [1.0, 1.0])).value is None


@given(st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=30), st.lists(VALUES, min_size=2, max_size=30))
def test_corrections_are_shares_with_intervals_around_them(pairs, values) -> None:
    known = stats.verdicts([j for j, _ in pairs], [p for _, p in pairs])
    summary = seen(np.array(values))
    for found in (stats.rogan_gladen(summary, known), stats.prediction_powered(summary, known, len(pairs))):
        if found.value is not None:
            assert 0 <= found.low <= found.value <= found.high <= 1
