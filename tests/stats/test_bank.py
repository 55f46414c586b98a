"""Outcomes by number: the same arms as scores give, rehearsed and planned with."""

from __future__ import annotations

import numpy as np
import pytest

from harness import stats
from harness.stats import Bank, Resampled, Rules, Sets, Table, Units
from harness.types import Direction, Score, Settings

LABELS = ("a", "b", "c", "d")


def answers(cases: int, runs: int, seed: int, right: float = 0.6) -> list[Score]:
    rng, found = np.random.default_rng(seed), []
    for case in range(cases):
        wanted = LABELS[case % 4]
        for k in range(runs):
            said = wanted if rng.random() < right else str(rng.choice(LABELS))
            names = [f"wanted:{wanted}", f"said:{said}", *([f"right:{wanted}"] if said == wanted else [])]
            record = tuple((name, 1.0) for name in names)
            found.append(
                Score("f1", f"c{case:03}", k, float(said == wanted), statistic="weighted_f1", record=record),
            )
    return found


def seconds(cases: int, runs: int, seed: int) -> list[Score]:
    rng = np.random.default_rng(seed)
    pace = rng.lognormal(0, 0.5, cases)
    values = pace[:, None] * rng.lognormal(0, 0.3, (cases, runs))
    return [
        Score("latency_p95", f"c{case:03}", k, float(value), unit="s", statistic="p95")
        for (case, k), value in np.ndenumerate(values)
    ]


MAKES = [(answers, "higher"), (seconds, "lower")]


def bank_of(table: Table) -> Bank:
    assert table.bank is not None
    return table.bank


@pytest.mark.parametrize(("make", "direction"), MAKES, ids=["counts", "percentile"])
@pytest.mark.parametrize("size", [1, 3], ids=["cases", "clusters"])
def test_arms_by_number_are_those_of_the_scores(make, direction: Direction, size: int) -> None:  # type: ignore[no-untyped-def]
    """Runs 0 and 1 of a record against its runs 2 and 3."""
    scores = make(24, 4, 1)
    clusters = {s.case: f"u{int(s.case[1:]) // size:02}" for s in scores}
    table = stats.tabled(scores, clusters)
    before, after = table.values[:, :2], table.values[:, 2:]
    numbered = stats.contrast("m", direction, bank_of(table).paired(before, after, 20_000), 3)
    old, new = ([s for s in scores if s.k // 2 == half] for half in (0, 1))
    moved = [Score(s.metric, s.case, s.k - 2, s.value, s.reason, s.unit, s.statistic, s.record) for s in new]
    told = stats.compare("m", direction, old, moved, clusters, 3)
    assert (numbered.n, numbered.p, numbered.improved, numbered.worse) == (told.n, told.p, told.improved, told.worse)
    assert (numbered.before, numbered.after) == pytest.approx((told.before, told.after))
    assert (numbered.low, numbered.spread) == pytest.approx((told.low, told.spread))


@pytest.mark.parametrize(("make", "direction"), MAKES, ids=["counts", "percentile"])
def test_an_unchanged_app_is_seldom_kept_and_looks_better_often(make, direction: Direction) -> None:  # type: ignore[no-untyped-def]
    dev, holdout = (stats.tabled(make(n, 3, n), {}) for n in (40, 80))
    rules = Rules("m", direction, Settings(), True, make is answers, 0, (bank_of(dev), bank_of(holdout)))
    ends = list(stats.rehearse(Sets(dev, holdout), rules, 6, reshuffled=True, seed=1, repeats=12))
    assert sum(end.kept for end in ends) <= 2
    assert sum(end.mean_kept for end in ends) >= 9


@pytest.mark.parametrize(("make", "direction"), MAKES, ids=["counts", "percentile"])
def test_a_planned_change_lifts_the_statistic_by_what_is_said(make, direction: Direction) -> None:  # type: ignore[no-untyped-def]
    found = stats.law_of("m", stats.tabled(make(120, 3, 2), {}), direction)
    assert found is not None
    law, noise = found
    assert isinstance(law, Resampled)
    assert noise.mean == pytest.approx(stats.summarise("m", make(120, 3, 2)).mean)
    rng, wanted = np.random.default_rng(0), 0.4 * law.most()
    arms = [law.runs(units, 3, rng) for units in law.units(20_000, wanted, rng)]
    old, new = law.bank.whole(*arms).ends()
    assert law.sign * (new - old) == pytest.approx(wanted, rel=0.15)
    rules = Rules("m", direction, Settings(), True, make is answers, 0, (law.bank,))
    powers = [stats.power(rules, law, Units(40, 80, 3), lift, 1, 12) for lift in (0.02 * law.most(), 0.9 * law.most())]
    assert powers[0] <= 0.25 < 0.9 <= powers[1]
