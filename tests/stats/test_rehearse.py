"""Rehearsed runs: our rule keeps its promise on recorded noise, and the controls show that it could fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.stats import Rules, Sets, Table, false_rate_interval, rehearse, tabled
from harness.types import Score, Settings

RULES = Rules("accuracy", "higher", Settings(), two_stage=True, share=True, denominator=5)
CANDIDATES = 20
REPEATS = 60


def scores(cases: int, name: str, spread: float = 2.0) -> list[Score]:
    """Right or wrong, five runs of each case; chances are 0 or 1 without ``spread``."""
    rng = np.random.default_rng(3)
    chances = rng.beta(0.6 * spread, 0.4 * spread, cases) if spread else (rng.random(cases) < 0.6).astype(float)
    right = rng.random((cases, 5)) < chances[:, None]
    return [Score("accuracy", f"{name}{case:03}", k, float(value)) for (case, k), value in np.ndenumerate(right)]


def table(cases: int, name: str, spread: float = 2.0) -> Table:
    return tabled(scores(cases, name, spread), {})


@pytest.mark.parametrize("reshuffled", [False, True], ids=["drawn again", "reshuffled"])
@pytest.mark.parametrize("staged", [True, False], ids=["holdout", "one stage"])
def test_our_rule_holds_where_the_mean_fails(reshuffled: bool, staged: bool) -> None:
    holdout, rules = table(120, "h") if staged else None, replace(RULES, two_stage=staged)
    ends = list(
        rehearse(Sets(table(60, "d"), holdout), rules, CANDIDATES, reshuffled=reshuffled, seed=1, repeats=REPEATS)
    )
    assert len(ends) == REPEATS
    assert false_rate_interval(sum(end.kept for end in ends), REPEATS)[0] <= 0.05
    assert false_rate_interval(sum(end.mean_kept for end in ends), REPEATS)[0] > 0.5


def test_a_level_of_one_half_would_be_seen() -> None:
    """The same runs at a careless level: what is counted can rise."""
    careless = replace(RULES, settings=Settings(alpha=0.5))
    ends = list(
        rehearse(Sets(table(60, "d"), table(120, "h")), careless, CANDIDATES, reshuffled=True, seed=1, repeats=REPEATS)
    )
    assert false_rate_interval(sum(end.kept for end in ends), REPEATS)[0] > 0.05


def test_a_deterministic_app_drawn_again_ties_with_itself() -> None:
    fixed = table(60, "d", spread=0.0)
    ends = rehearse(Sets(fixed, None), RULES, CANDIDATES, reshuffled=False, seed=1, repeats=5)
    assert not any(end.kept or end.mean_kept for end in ends)


def test_a_seed_repeats_and_runs_are_independent_of_their_number() -> None:
    sets = Sets(table(60, "d"), table(120, "h"))
    few, many = (list(rehearse(sets, RULES, CANDIDATES, reshuffled=True, seed=9, repeats=n)) for n in (3, 6))
    assert few == many[:3]


def test_units_are_whole_clusters_with_a_value_in_every_run() -> None:
    values = scores(6, "c")
    clusters = {f"c{case:03}": "doc" for case in range(4)}
    found = tabled(values, clusters)
    assert found.values.shape == (3, 5)
    assert found.left_out == 0
    lost = [Score("accuracy", s.case, s.k, None) if (s.case, s.k) == ("c005", 2) else s for s in values]
    assert tabled(lost, clusters).left_out == 1
    assert tabled([], {}).values.shape == (0, 0)


def test_clusters_of_one_size_are_means_of_their_cases() -> None:
    values = scores(2, "c")
    (row,) = tabled(values, {"c000": "doc", "c001": "doc"}).values
    both = [[s.value for s in values if s.k == k] for k in range(5)]
    assert row.tolist() == [sum(v or 0.0 for v in pair) / 2 for pair in both]
