"""The test for harm is the test for gain turned round, and Holm's step-down keeps the family's level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import stats
from harness.types import Score


def scores(values: list[float]) -> list[Score]:
    return [Score("m", f"c{i}", 0, value) for i, value in enumerate(values)]


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30))
def test_harm_is_gain_with_the_arms_swapped(pairs: list[tuple[int, int]]) -> None:
    old, new = ([float(pair[arm]) for pair in pairs] for arm in (0, 1))
    harm = stats.p_worse("m", "higher", stats.pair(scores(old), scores(new), {}), 0.0, 1)
    assert harm == stats.compare("m", "higher", scores(new), scores(old), {}, 1).p


def test_a_tolerance_asks_for_more_than_it() -> None:
    arms = stats.pair(scores([100.0] * 13), scores([109.0 + i / 10 for i in range(13)]), {})
    ps = [stats.p_worse("m", "lower", arms, tolerance, 1) for tolerance in (0.0, 0.05, 0.10, 0.20)]
    assert ps[0] == ps[1] == pytest.approx(2.0**-13)
    assert ps[2] is not None
    assert 0.99 < ps[2] < 1.0  # the mean, 109.6, lies below 110
    assert ps[3] == 1.0


def test_without_a_pair_there_is_nothing_to_test() -> None:
    assert stats.p_worse("m", "higher", stats.pair(scores([1.0]), [], {}), 0.1, 1) is None


def test_holm_by_hand() -> None:
    assert stats.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert stats.holm([]) == []
    assert stats.holm([0.6, 0.9]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_nothing_and_bonferroni(ps: list[float]) -> None:
    adjusted = stats.holm(ps)
    assert all(p <= q <= min(1.0, len(ps) * p) + 1e-12 for p, q in zip(ps, adjusted, strict=True))
    assert list(np.argsort(ps, kind="stable")) == sorted(range(len(ps)), key=lambda i: (adjusted[i], ps[i], i))
