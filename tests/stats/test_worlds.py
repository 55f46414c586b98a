"""Whole simulated runs: alpha holds whatever is tried, and the tests would notice if it did not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.false_keeps import FORCED, WORLDS, Setting, play
from benchmarks.power import candidates
from harness.stats import false_rate_interval, promise
from tests.worlds import ACCURACY, GAIN, GOOD, Kind, Policy, World, compared, glanced, mean_went_up, paired

ALPHA = 0.05


@pytest.mark.parametrize("name", ["deterministic", "stochastic, s = 1", "documents of 3 cases"])
def test_false_keeps_stay_under_alpha(name: str) -> None:
    """Every confirmation of a run is spent on a candidate that makes no difference."""
    row = play(Setting("forced", WORLDS[name], FORCED), runs=150, seed=8)
    low, _ = false_rate_interval(row.false_keeps, row.runs, level=0.90)
    assert row.confirmations > 4.5
    assert low <= ALPHA


def test_overfitting_dev_gains_nothing() -> None:
    row = play(Setting("overfit", WORLDS["overfits dev by .10"], Policy()), runs=60, seed=8)
    low, _ = false_rate_interval(row.false_keeps, row.runs, level=0.90)
    assert row.confirmations > 1.5  # of the three that a round may have
    assert low <= ALPHA


@pytest.mark.parametrize("name", WORLDS)
def test_control_shows_that_these_worlds_can_fail(name: str) -> None:
    row = play(Setting("control", WORLDS[name], mean_went_up), runs=200, seed=8)
    low, _ = false_rate_interval(row.false_keeps, row.runs, level=0.90)
    assert low > 0.80


@pytest.mark.parametrize("good", GOOD)
def test_real_gains_are_found_and_looks_save_evaluations(good: Kind) -> None:
    looks, once = (
        play(Setting("good", World(), Policy(looks=looks), candidates(good)), runs=40, seed=8) for looks in (3, 1)
    )
    assert looks.found >= 0.75
    assert looks.evaluations < once.evaluations


@pytest.mark.parametrize("world", [World(), World(spread=2.5), World(noise=0.0), World(cluster=3)])
@pytest.mark.parametrize(("kind", "gain"), [("mends", GAIN), ("lifts", GAIN), ("nothing", 0.0), ("harm", -GAIN)])
def test_worlds_gain_what_they_say(world: World, kind: Kind, gain: float) -> None:
    rng = np.random.default_rng(1)
    skills = world.skills(rng, 240_000)
    changed = world.changed(kind, skills, rng)
    before, after = (world.draw(x, rng.standard_normal((240_000, 1)), rng).mean() for x in (skills, changed))
    assert before == pytest.approx(ACCURACY, abs=0.006)
    assert after - before == pytest.approx(gain, abs=0.008)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3]))
@settings(max_examples=25, deadline=None)
def test_the_short_cut_says_what_the_comparison_says(seed: int, cluster: int) -> None:
    rng = np.random.default_rng(seed)
    before, after = (rng.random((12, 3)) < 0.6 for _ in range(2))
    short, whole = glanced(before, after, cluster), compared(before, after, cluster)
    assert (short.p, short.n) == (pytest.approx(whole.p), whole.n)
    assert short.gain == pytest.approx(whole.gain)
    assert promise(short, share=True) == pytest.approx(promise(whole, share=True))
    assert paired(before, after, cluster).units
