"""Power of a plan against direct simulation of the same decision code, and laws that do what they say."""

from __future__ import annotations

import numpy as np
import pytest

from harness.stats import Law, Measures, Rules, Shares, Units, calibrated, law_of, power, smallest, tabled, units_needed
from harness.types import Score, Settings

UNITS = Units(60, 120, 5)
NOISY, FIXED = Shares(0.6, 0.67), Shares(0.6, 0.0)
SECONDS = Measures(1.0, 0.01, 0.06, -1)


def rules(law: Law) -> Rules:
    share = isinstance(law, Shares)
    return Rules("m", "higher" if share else "lower", Settings(), True, share, 5)


@pytest.mark.parametrize("law", [NOISY, FIXED, SECONDS], ids=["noisy", "deterministic", "seconds"])
def test_the_stated_lift_is_kept_with_the_stated_power(law: Law) -> None:
    kappa = calibrated(rules(law), law, UNITS, seed=1)
    assert kappa is not None
    lift = smallest(kappa, law, UNITS.runs, UNITS.deciding)
    assert lift is not None
    assert power(rules(law), law, UNITS, lift, seed=7, repeats=200) == pytest.approx(0.8, abs=0.12)  # 4 standard errors
    assert units_needed(kappa, law, UNITS.runs, lift) == pytest.approx(UNITS.deciding, rel=0.02)
    more = smallest(kappa, law, UNITS.runs, 4 * UNITS.deciding)
    assert more is not None and more < 0.6 * lift


def test_what_cannot_be_seen_is_not_stated() -> None:
    assert calibrated(rules(FIXED), FIXED, Units(13, 0, 5), seed=1) is None
    perfect = Shares(1.0, 0.0)
    assert calibrated(rules(perfect), perfect, UNITS, seed=1) is None


@pytest.mark.parametrize("law", [NOISY, FIXED, Shares(0.6, 1.0), Shares(0.6, 0.5, size=4), SECONDS])
def test_a_change_lifts_the_mean_by_what_it_says(law: Law) -> None:
    rng = np.random.default_rng(1)
    before, after = law.units(200_000, 0.1, rng)
    sign = -1 if law is SECONDS else 1
    assert sign * (after.mean() - before.mean()) == pytest.approx(0.1, abs=0.005)


def test_a_recorded_law_is_found_again() -> None:
    rng = np.random.default_rng(2)
    drawn = NOISY.runs(NOISY.units(3000, 0.0, rng)[0], 5, rng)
    scores = [Score("m", f"c{case}", k, float(v)) for (case, k), v in np.ndenumerate(drawn)]
    found = law_of("m", tabled(scores, {}), "higher")
    assert found is not None
    law, noise = found
    assert isinstance(law, Shares)
    assert law.mean == pytest.approx(0.6, abs=0.02)
    assert law.noise == pytest.approx(0.67, abs=0.03)
    assert law.size == 1
    assert noise.share == pytest.approx(law.noise, abs=0.01)
    seconds = [Score("s", s.case, s.k, 1.0 + (s.value or 0.0) / 3, unit="s") for s in scores]
    measured = law_of("s", tabled(seconds, {}), "lower")
    assert measured is not None and isinstance(measured[0], Measures)
