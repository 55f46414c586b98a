"""Whom dev sends to the holdout: clean gains before noisy ones, whatever the unit of the metric."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats import ADMITTED, compare, promise, units_to_admit
from harness.types import Comparison

CLEAN = Comparison("accuracy", 60, 0, 0.6, 0.7, 0.1, None, None, 0.03, 0.26, 8, 50, 2, "exact sign-flip", 0.38)
GAINS, SPREADS, COUNTS = st.floats(-0.5, 0.5), st.floats(0.01, 1.0), st.integers(12, 2_000)


@given(GAINS, SPREADS, COUNTS, st.floats(0.0, 1.0))
def test_it_is_a_chance(gain: float, spread: float, n: int, before: float) -> None:
    for share in (True, False):
        assert 0.0 <= promise(replace(CLEAN, gain=gain, spread=spread, n=n, before=before), share=share) <= 1.0


@given(GAINS, st.floats(0.01, 0.3), SPREADS)
def test_more_gain_promises_more(gain: float, more: float, spread: float) -> None:
    less, better = (promise(replace(CLEAN, gain=g, spread=spread), share=True) for g in (gain, gain + more))
    assert less <= better


@given(st.floats(1.3, 4.0))
def test_of_two_gains_as_clear_as_each_other_the_cleaner_one_promises_more(noisier: float) -> None:
    """The same gain in standard errors, so about the same p: dev alone cannot tell them apart."""
    noisy = replace(CLEAN, gain=0.1 * noisier, spread=0.38 * noisier)
    assert promise(noisy, share=True) < promise(CLEAN, share=True)


@given(st.floats(0.1, 1e6), st.floats(0.001, 0.5), st.floats(0.01, 1.0))
def test_a_measure_may_come_in_any_unit(unit: float, gain: float, spread: float) -> None:
    seconds = replace(CLEAN, before=1.0, gain=gain, spread=spread)
    others = replace(CLEAN, before=unit, gain=gain * unit, spread=spread * unit)
    assert promise(others, share=False) == pytest.approx(promise(seconds, share=False), rel=1e-6, abs=1e-9)


def test_it_is_the_chance_that_a_simulation_has() -> None:
    """Gains as assumed, dev and holdout drawn from them: of those that looked like this, so many are shown."""
    rng, scale, spread = np.random.default_rng(1), 0.1 * (0.6 * 0.4) ** 0.5, 0.5
    gains = rng.normal(0.0, scale, 2_000_000)
    dev = gains + rng.normal(0.0, spread / 60**0.5, gains.size)
    alike = np.abs(dev - 0.08) < 0.01
    sealed = gains[alike] + rng.normal(0.0, spread / 120**0.5, np.count_nonzero(alike))
    shown = float((sealed > 2.0 * spread / 120**0.5).mean())
    assert promise(replace(CLEAN, gain=0.08, spread=spread), share=True) == pytest.approx(shown, abs=0.01)


@pytest.mark.parametrize(("gain", "chance"), [(0.1, 1.0), (0.0, 0.0), (-0.1, 0.0)])
def test_units_that_all_move_alike_leave_no_doubt(gain: float, chance: float) -> None:
    assert promise(replace(CLEAN, gain=gain, spread=0.0), share=True) == chance


def test_nothing_compared_promises_nothing() -> None:
    nothing = compare("accuracy", "higher", [], [], {}, 1)
    assert promise(nothing, share=True) == 0.0
    assert units_to_admit(nothing, share=True) is None


@pytest.mark.parametrize("units", [20, 40, 60])
def test_a_large_gain_from_nothing_is_admitted(units: int) -> None:
    """Two thirds of the cases mended by an output format, none right before: no prior may talk that away."""
    gain, spread = 2 / 3, (2 / 9) ** 0.5
    found = replace(CLEAN, n=units, before=0.0, after=gain, gain=gain, spread=spread)
    assert promise(found, share=True) > 2 * ADMITTED


@pytest.mark.parametrize("before", [0.0, 1.0, -3.0])
def test_a_baseline_at_an_end_still_ranks(before: float) -> None:
    for share in (True, False):
        less, more = (promise(replace(CLEAN, before=before, gain=g), share=share) for g in (0.02, 0.2))
        assert 0.0 < less < more


def test_more_dev_cases_would_admit_what_was_not_clear() -> None:
    unclear = replace(CLEAN, gain=0.04, spread=0.7)
    needed = units_to_admit(unclear, share=True)
    assert promise(unclear, share=True) < ADMITTED
    assert needed is not None and needed > unclear.n
    assert promise(replace(unclear, n=needed), share=True) >= ADMITTED
    assert units_to_admit(replace(unclear, gain=-0.01), share=True) is None
