"""Whole simulated runs: alpha holds whatever is tried, and the tests would notice if it did not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.false_keeps import FIXED, FORCED, LIFTS, MENDS, NOISY, OVERFIT, Setting, by_control, by_rule, play
from harness.stats import false_rate_interval, futile
from tests.worlds import Candidate, Effect, Policy, World, compared, draw, mean_went_up, redraw

ALPHA = 0.05


@pytest.mark.parametrize("world", [NOISY, FIXED], ids=["noisy", "deterministic"])
def test_false_keeps_stay_under_alpha(world: World) -> None:
    """Every confirmation of a run is spent on a candidate that makes no difference."""
    row = play(Setting("forced", world, 5, by_rule(FORCED)), runs=300, seed=8)
    low, _ = false_rate_interval(row.false_keeps, row.runs, level=0.90)
    assert row.confirmations > 4.5
    assert low <= ALPHA


def test_overfitting_dev_gains_nothing() -> None:
    null = Candidate(redraw, OVERFIT)
    row = play(Setting("overfit", NOISY, 20, by_rule(Policy()), null), runs=100, seed=8)
    low, _ = false_rate_interval(row.false_keeps, row.runs, level=0.90)
    assert row.confirmations > 2
    assert low <= ALPHA


@pytest.mark.parametrize("world", [NOISY, FIXED], ids=["noisy", "deterministic"])
def test_control_shows_that_these_worlds_can_fail(world: World) -> None:
    row = play(Setting("control", world, 20, by_control(mean_went_up)), runs=300, seed=8)
    low, _ = false_rate_interval(row.false_keeps, row.runs, level=0.90)
    assert low > 0.80


@pytest.mark.parametrize(("good", "least"), [(MENDS, 0.6), (LIFTS, 0.8)], ids=["mends some", "helps all"])
def test_real_gains_are_found(good: Effect, least: float) -> None:
    row = play(Setting("good", NOISY, 17, by_rule(Policy()), good=good, goods=3), runs=60, seed=8)
    assert row.found is not None and row.found >= least


@pytest.mark.parametrize("effect", [MENDS, LIFTS], ids=["mends some", "helps all"])
def test_worlds_gain_what_they_say(effect: Effect) -> None:
    rng = np.random.default_rng(1)
    chances = NOISY.chances(rng, 200_000)
    assert chances.mean() == pytest.approx(NOISY.accuracy, abs=0.005)
    assert redraw(NOISY, chances, rng).mean() == pytest.approx(NOISY.accuracy, abs=0.005)
    assert (effect(NOISY, chances, rng) - chances).mean() == pytest.approx(0.10, abs=0.005)


@given(st.integers(0, 2**32 - 1))
def test_worlds_drop_what_the_rule_drops(seed: int) -> None:
    """The simulation's short cut for futility says what ``futile`` says of the comparison."""
    rng = np.random.default_rng(seed)
    before, after = (draw(NOISY.chances(rng, 5), 2, rng) for _ in range(2))
    assert futile(compared(before, after)) == bool(after.sum() <= before.sum())
