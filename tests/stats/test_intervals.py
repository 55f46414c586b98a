"""Summaries, bounds and rates at the edges where a t interval misleads."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference

from harness.stats import bound, false_rate_interval, summarise
from harness.types import Score


def scores(values: Sequence[Sequence[float | None]]) -> list[Score]:
    """One row per case, one column per run."""
    return [Score("m", f"c{i:03}", k, v) for i, row in enumerate(values) for k, v in enumerate(row)]


def test_nothing_measured_is_not_zero() -> None:
    found = summarise("m", scores([[None, None], [math.nan, None]]))
    assert (found.n, found.unscored, found.mean, found.low, found.run_means) == (0, 2, None, None, ())
    assert bound([], "higher") is None


def test_one_case_has_no_spread() -> None:
    found = summarise("m", scores([[2.0, 4.0]]))
    assert (found.n, found.mean, found.std, found.low, found.run_means) == (1, 3.0, None, None, (2.0, 4.0))


def test_the_case_is_the_unit() -> None:
    """A case with more runs does not weigh more."""
    found = summarise("m", scores([[3.0, 3.0, 3.0, 3.0], [9.0]]))
    assert (found.n, found.mean, found.median, found.minimum, found.maximum) == (2, 6.0, 6.0, 3.0, 9.0)


def test_continuous_values_get_the_t_interval() -> None:
    values = [1.31, 2.72, 0.57, 4.19, 2.03]
    found = summarise("m", scores([[v] for v in values]))
    low, high = reference.t.interval(0.95, 4, sum(values) / 5, reference.sem(values))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_all_right_is_not_certainty() -> None:
    found = summarise("m", scores([[1.0] * 5] * 20))
    assert found.mean == found.high == 1.0
    assert found.low is not None and 0.75 < found.low < 0.95
    assert summarise("m", scores([[0.0] * 5] * 20)).high == pytest.approx(1 - found.low)


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=5), min_size=2, max_size=40))
def test_interval_holds_the_mean_and_stays_in_range(rows: list[list[bool]]) -> None:
    arm = scores([[float(v) for v in row] for row in rows])
    found = summarise("m", arm)
    assert found.low is not None and found.mean is not None and found.high is not None
    assert 0 <= found.low <= found.mean + 1e-12 and found.mean <= found.high + 1e-12 <= 1 + 1e-11
    lower, upper = bound(arm, "higher"), bound(arm, "lower")
    assert lower is not None and upper is not None
    assert found.low <= lower + 1e-9 and upper <= found.high + 1e-9  # one-sided 90 % is nearer than two-sided 95 %


@given(st.integers(0, 300), st.integers(1, 300))
def test_rate_interval_is_clopper_pearson(k: int, n: int) -> None:
    k = min(k, n)
    low, high = false_rate_interval(k, n)
    assert low <= k / n <= high
    if k < n:
        assert reference.binom.cdf(k, n, high) == pytest.approx(0.025, rel=1e-6)
    if k > 0:
        assert reference.binom.sf(k - 1, n, low) == pytest.approx(0.025, rel=1e-6)
