"""Statistics of the whole set: formulas against published code, the swap of arms against enumeration, and what must not
matter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import stats
from harness.metrics import bleu, chrf
from harness.stats import Course, formulas
from harness.stats.pairing import alone, pair
from harness.stats.sequential import spending
from harness.stats.swap import EXACT, NORMAL, SAMPLED, gains, swap
from harness.stats.whole import Counts, Values
from harness.types import Goal, Score
from tests import makers

LABELS = ("a", "b", "c")
LABEL = st.sampled_from(LABELS)
SAID = st.sampled_from((*LABELS, "else"))
ANSWERS = st.lists(st.tuples(LABEL, SAID, SAID), min_size=2, max_size=7)  # wanted, said before, said after
SECONDS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), min_size=2, max_size=7
)  # two runs before, two after
WORDS = st.lists(st.sampled_from(("the", "cat", "sat", "on", "a", "mat", ",", "today", "it")), max_size=9).map(" ".join)


def answers(rows: Sequence[tuple[str, str]], statistic: str = "weighted_f1", k: int = 0) -> list[Score]:
    """One run per case of (wanted, said)."""
    found = []
    for place, (wanted, said) in enumerate(rows):
        names = [f"wanted:{wanted}", f"said:{said}", *([f"right:{wanted}"] if wanted == said else [])]
        record = tuple((name, 1.0) for name in names)
        found.append(
            Score("f1", f"c{place:02}", k, float(wanted == said), statistic=statistic, record=record),
        )
    return found


def both(rows: Sequence[tuple[str, str, str]]) -> tuple[list[Score], list[Score]]:
    return answers([(w, s) for w, s, _ in rows]), answers([(w, s) for w, _, s in rows])


def seconds(rows: Sequence[Sequence[float]], statistic: str = "p75") -> list[Score]:
    return [
        Score("latency", f"c{place:02}", k, float(value), unit="s", statistic=statistic)
        for place, values in enumerate(rows)
        for k, value in enumerate(values)
    ]


def timed(rows: Sequence[tuple[int, int, int, int]]) -> tuple[list[Score], list[Score]]:
    return seconds([row[:2] for row in rows]), seconds([row[2:] for row in rows])


def f1(rows: Sequence[tuple[str, str]]) -> float:
    """Weighted F1 by its definition."""
    total = 0.0
    for label in {wanted for wanted, _ in rows}:
        right = sum(w == s == label for w, s in rows)
        wanted, said = sum(w == label for w, _ in rows), sum(s == label for _, s in rows)
        total += wanted * 2 * right / (wanted + said)
    return total / len(rows)


def gain_of(before: list[Score], after: list[Score], direction: str) -> float:
    gain = stats.compare("m", direction, before, after, {}, 0).gain  # type: ignore[arg-type]
    assert gain is not None
    return gain


def every_swap(before: list[Score], after: list[Score]) -> list[tuple[list[Score], list[Score]]]:
    """Both arms under all ways of swapping the runs of a case."""
    cases = sorted({score.case for score in before})
    found = []
    for ways in itertools.product((False, True), repeat=len(cases)):
        swapped = {case for case, way in zip(cases, ways, strict=True) if way}
        found.append(
            (
                [s for s in before if s.case not in swapped] + [s for s in after if s.case in swapped],
                [s for s in after if s.case not in swapped] + [s for s in before if s.case in swapped],
            )
        )
    return found


@given(ANSWERS)
@settings(max_examples=40, deadline=None)
def test_p_of_f1_is_the_share_of_swaps_that_gain_as_much(rows: list[tuple[str, str, str]]) -> None:
    before, after = both(rows)
    found = stats.compare("f1", "higher", before, after, {}, 0)
    mine = f1([(w, s) for w, _, s in rows]) - f1([(w, s) for w, s, _ in rows])
    assert found.gain == pytest.approx(mine, abs=1e-12)
    gains = []
    for ways in itertools.product((False, True), repeat=len(rows)):
        ends = [[(w, pair[way != late]) for (w, *pair), way in zip(rows, ways, strict=True)] for late in (False, True)]
        gains.append(f1(ends[1]) - f1(ends[0]))
    assert found.p == pytest.approx(sum(gain >= mine - 1e-9 for gain in gains) / len(gains), abs=1e-12)
    assert found.method == EXACT


@given(SECONDS)
@settings(max_examples=40, deadline=None)
def test_p_of_a_percentile_is_the_share_of_swaps_that_gain_as_much(rows: list[tuple[int, int, int, int]]) -> None:
    before, after = timed(rows)
    found = stats.compare("latency", "lower", before, after, {}, 0)

    def gain(arms: tuple[list[Score], list[Score]]) -> float:
        old, new = (float(np.quantile([s.value for s in arm], 0.75)) for arm in arms)
        return old - new

    mine = gain((before, after))
    assert found.gain == pytest.approx(mine, abs=1e-12)
    gains = [gain(arms) for arms in every_swap(before, after)]
    assert found.p == pytest.approx(sum(g >= mine - 1e-9 for g in gains) / len(gains), abs=1e-12)


@given(st.integers(1, 99), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=40))
@settings(deadline=None)
def test_swapped_percentiles_are_numpys(percent: int, runs: list[tuple[int, int]]) -> None:
    before, after = (np.array(arm, dtype=np.float64) for arm in zip(*runs, strict=True))
    whole = Values(percent / 100, before, after, np.arange(len(runs)), len(runs))
    flips = np.random.default_rng(0).integers(0, 2, (20, len(runs))) == 1
    wanted = [
        np.quantile(np.where(row, before, after), percent / 100)
        - np.quantile(np.where(row, after, before), percent / 100)
        for row in flips
    ]
    assert whole.swapped(flips) == pytest.approx(wanted, abs=1e-9)


@given(st.lists(ANSWERS, min_size=2, max_size=3).filter(lambda blocks: sum(map(len, blocks)) <= 8))
@settings(max_examples=15, deadline=None)
def test_the_level_over_all_looks_is_held_by_enumeration(blocks: list[list[tuple[str, str, str]]]) -> None:
    """Whichever way the arms are swapped, at most the share that is said has crossed by each look."""
    rows = [row for block in blocks for row in block]
    before, after = both(rows)
    names = sorted(s.case for s in before)
    ends = list(itertools.accumulate(map(len, blocks)))
    starts = [0, *ends]
    limits = tuple(spending(0.4, end / ends[-1]) for end in ends)
    parts = tuple(frozenset(names[a:b]) for a, b in itertools.pairwise(starts))
    course = Course(parts, tuple(end / ends[-1] for end in ends), limits)
    ways = [
        stats.sight("f1", "higher", pair(*arms, {}), course, len(parts), 0).looks for arms in every_swap(before, after)
    ]
    for j, limit in enumerate(limits):
        crossed = [
            any((look.p or 1.0) <= level * (1 + 1e-9) for look, level in zip(looks[: j + 1], limits, strict=False))
            for looks in ways
        ]
        share = sum(crossed) / len(ways)
        assert share == pytest.approx(ways[0][j].used, abs=1e-12)
        assert share <= limit * (1 + 1e-9)


@given(ANSWERS)
@settings(max_examples=30, deadline=None)
def test_swapped_arms_turn_the_gain_and_their_p_values_share_the_ties(rows: list[tuple[str, str, str]]) -> None:
    """p(a, b) + p(b, a) = 1 + the chance of exactly this gain."""
    before, after = both(rows)
    one, other = (stats.compare("f1", "higher", *arms, {}, 0) for arms in ((before, after), (after, before)))
    assert one.gain == pytest.approx(-(other.gain or 0.0), abs=1e-12)
    gains = [gain_of(*arms, "higher") for arms in every_swap(before, after)]
    ties = sum(abs(gain - (one.gain or 0.0)) < 1e-9 for gain in gains) / len(gains)
    assert (one.p or 0.0) + (other.p or 0.0) == pytest.approx(1 + ties, abs=1e-12)
    assert (one.improved, one.worse) == (other.worse, other.improved)


@given(ANSWERS, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_cases_does_not_matter(rows: list[tuple[str, str, str]], random) -> None:  # type: ignore[no-untyped-def]
    before, after = both(rows)
    shuffled = [random.sample(arm, len(arm)) for arm in (before, after)]
    assert stats.compare("f1", "higher", before, after, {}, 0) == stats.compare("f1", "higher", *shuffled, {}, 0)


@given(SECONDS, st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_p_does_not_rise_when_every_run_of_the_candidate_is_faster(
    rows: list[tuple[int, int, int, int]], by: int
) -> None:
    """Of a percentile, when no arm's order statistics can move the other way: the shift takes the values below all."""
    before, after = timed(rows)
    faster = [replace(score, value=(score.value or 0.0) - 10 * by) for score in after]
    slow, fast = (stats.compare("latency", "lower", before, arm, {}, 0) for arm in (after, faster))
    assert (fast.gain or 0.0) == pytest.approx((slow.gain or 0.0) + 10 * by)
    assert (fast.p or 1.0) <= (slow.p or 1.0)


@given(ANSWERS.filter(lambda rows: any(w != after for w, _, after in rows)), st.data())
@settings(max_examples=30, deadline=None)
def test_f1_rises_with_every_mended_answer(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    wrong = [place for place, (w, _, after) in enumerate(rows) if w != after]
    place = data.draw(st.sampled_from(wrong))
    mended = [(w, old, w if i == place else new) for i, (w, old, new) in enumerate(rows)]
    assert gain_of(*both(mended), "higher") > gain_of(*both(rows), "higher")


def test_clusters_are_swapped_as_one() -> None:
    """Six cases of two documents: two units, so that p is a multiple of 1/4."""
    before, after = both([("a", "b", "a"), ("b", "a", "b"), ("a", "b", "a"), ("b", "a", "b")] * 2)
    found = stats.compare("f1", "higher", before, after, {s.case: f"d{int(s.case[1:]) % 2}" for s in before}, 0)
    assert (found.n, found.p) == (2, 0.25)


@pytest.mark.parametrize("make", [both, timed], ids=["counts", "percentile"])
def test_nothing_one_and_ties_are_handled_cases(make) -> None:  # type: ignore[no-untyped-def]
    better, same = (("a", "b", "a"), ("a", "b", "b")) if make is both else ((9, 9, 1, 1), (3, 5, 3, 5))
    direction = "higher" if make is both else "lower"
    nothing = stats.compare("m", direction, [], [], {}, 0)
    assert (nothing.n, nothing.p, nothing.gain) == (0, None, None)
    one = stats.compare("m", direction, *make([better]), {}, 0)
    assert (one.n, one.p, one.low, one.spread, one.method) == (1, 0.5, None, None, EXACT)
    assert one.gain is not None and one.gain > 0
    ties = stats.compare("m", direction, *make([same] * 20), {}, 0)
    assert (ties.p, ties.gain, ties.spread, ties.effect) == (1.0, 0.0, 0.0, None)
    alike = stats.compare("m", direction, *make([better] * 20), {}, 0)  # no spread between the units
    assert (alike.n, alike.spread, alike.effect) == (20, 0.0, None)
    assert alike.p is not None and alike.p < 0.01  # of a percentile many swaps gain as much: it is one of two values
    assert stats.guard(Goal("m", direction, None), *make([same] * 20), 0.1).holds
    assert not stats.guard(Goal("m", direction, None), *make([same]), 0.1).holds


def test_answers_that_are_wrong_in_another_way_are_a_change_of_f1() -> None:
    """No case is better or worse, and the words do not say that nothing changed."""
    rows = [("a", "a", "a"), ("b", "a", "else")] * 10
    found = stats.compare("f1", "higher", *both(rows), {}, 0)
    assert (found.improved, found.worse, found.kept) == (0, 0, 20)
    assert found.gain is not None and found.gain > 0
    assert "the same on all" not in stats.describe(found)


def test_many_units_take_seeded_swaps_and_very_many_the_normal_law() -> None:
    rng = np.random.default_rng(0)
    rows = [(w, rng.choice(["a", "b"]), rng.choice(["a", "b"])) for w in ("a", "b") * 30]
    found = [stats.compare("f1", "higher", *both(rows), {}, seed) for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0].method == SAMPLED
    assert found[0].p == pytest.approx(found[2].p, abs=0.02)
    size, every = 10_001, np.ones(10_001, dtype=bool)
    before, after = rng.exponential(1.0, (2, size))
    large = Values(0.95, before, after, np.arange(size), size)
    normal, swapped = swap(large, [every], [1.0], -1, 0), gains(replace(large, flips=2_000), [every], -1, 0)[:, 0]
    assert normal.method == NORMAL
    assert normal.p[0] == pytest.approx(float((swapped >= swapped[0]).mean()), abs=0.04)


@given(st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=3), WORDS), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_corpus_bleu_and_chrf_are_those_of_sacrebleu(texts: list[tuple[list[str], str]]) -> None:
    most = max(len(references) for references, _ in texts)
    streams = [[refs[j] if j < len(refs) else None for refs, _ in texts] for j in range(most)]
    for metric, reference in ((bleu, sacrebleu.corpus_bleu), (chrf, sacrebleu.corpus_chrf)):
        scores = []
        for place, (references, said) in enumerate(texts):
            case, run = makers.case(expected_answer=references), makers.run({"answer": said})
            record = tuple(metric.record(case, run, {}).items())
            scores.append(Score(metric.NAME, str(place), 0, 0.5, statistic=metric.STATISTIC, record=record))
        whole = alone(scores)
        assert whole is not None
        theirs = reference([said for _, said in texts], streams).score / 100  # type: ignore[arg-type]
        assert math.isclose(whole.ends()[0], theirs, rel_tol=1e-9, abs_tol=1e-12)


def test_weighted_and_macro_f1_by_hand() -> None:
    """a: wanted 3, said 3, right 2; b: wanted 1, said 1 right 1; "else" has no row."""
    rows = [("a", "a"), ("a", "a"), ("a", "else"), ("b", "b")]
    weighted, macro = (stats.summarise("f1", answers(rows, name)).mean for name in ("weighted_f1", "macro_f1"))
    assert weighted == pytest.approx((3 * 0.8 + 1.0) / 4)
    assert macro == pytest.approx(0.9)
    empty = formulas.FORMULAS["weighted_f1"]([])(np.zeros((2, 0)))
    assert empty.tolist() == [0.0, 0.0]


def test_linearised_values_have_the_statistic_as_mean_and_for_a_mean_are_the_values() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers([0, 1], [4, 5], (40, 2)).astype(np.float64)
    mean = Counts(lambda sums: sums[..., 0] / 40, False, rows, rows)
    # The share of a fixed number of units is linear, but leaving one out takes its part from the sum.
    assert mean.linear()[0].mean() == pytest.approx(mean.ends()[0])
    ratio = Counts(lambda sums: sums[..., 0] / sums[..., 1], False, rows, rows)
    assert ratio.linear()[0].mean() == pytest.approx(ratio.ends()[0])
    delta = (rows[:, 0] - ratio.ends()[0] * rows[:, 1]) / rows[:, 1].mean()
    assert np.corrcoef(ratio.linear()[0], delta)[0, 1] > 0.999


def test_all_right_is_no_certainty_and_a_percentile_asks_for_enough_units() -> None:
    perfect = answers([("a", "a"), ("b", "b")] * 10)
    limit = stats.bound(perfect, "higher")
    assert limit is not None and 0.85 < limit < 1.0
    rng = np.random.default_rng(2)
    few, many = (seconds(rng.lognormal(0, 1, (n, 3)).tolist(), "p95") for n in (30, 40))
    assert stats.bound(few, "lower") is None
    high = stats.bound(many, "lower")
    value = stats.summarise("latency_p95", many).mean
    assert high is not None and value is not None and high > value


def test_a_guardrail_on_a_percentile_is_one_of_non_inferiority() -> None:
    rng = np.random.default_rng(3)
    rows = rng.lognormal(0, 0.5, (150, 1)) * rng.lognormal(0, 0.02, (150, 3))
    before, goal = seconds(rows.tolist(), "p90"), Goal("latency_p90", "lower", None)
    verdicts = {
        factor: stats.guard(goal, before, seconds((rows * factor).tolist(), "p90"), 0.10).holds
        for factor in (0.9, 1.0, 1.3)
    }
    assert verdicts == {0.9: True, 1.0: True, 1.3: False}
    met = replace(goal, target=100.0)
    assert stats.guard(met, before, seconds((rows * 1.3).tolist(), "p90"), 0.10).holds


def test_a_slower_percentile_is_found_only_beyond_the_tolerance() -> None:
    rng = np.random.default_rng(4)
    rows = rng.lognormal(0, 0.5, (150, 1)) * rng.lognormal(0, 0.05, (150, 3))
    slower = pair(seconds(rows.tolist(), "p90"), seconds((rows * 1.3).tolist(), "p90"), {})
    worse = [stats.p_worse("latency_p90", "lower", slower, tolerance, 0) for tolerance in (0.0, 0.1, 0.5)]
    assert worse[0] is not None and worse[1] is not None and worse[2] is not None
    assert worse[0] < 0.01 and worse[1] < 0.05 < 0.5 < worse[2]
    counts = pair(*both([("a", "a", "b")] * 3), {})
    with pytest.raises(ValueError, match="tolerance"):
        stats.p_worse("f1", "higher", counts, 0.1, 0)
