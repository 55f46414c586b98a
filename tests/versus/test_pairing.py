"""What may not be compared is refused with the cases in question; a sealed case is never named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import HarnessError, Problems
from harness.types import Marks, Side, Yardstick
from harness.versus import paired
from tests.versus.sides import flat, marks, side

A = side("A", marks(flat(1.0)))
ASK = Yardstick()
COMMON = Yardstick(common=True)


def without(case: str) -> Marks:
    return marks({name: runs for name, runs in flat(1.0).items() if name != case})


def shorter(case: str, runs: int) -> Marks:
    return marks({name: own[:runs] if name == case else own for name, own in flat(1.0).items()})


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (side("B", without("t07")), "1 case of A is not in B: t07"),
        (side("B", marks({**flat(1.0), "x": [1.0, 1.0]})), "1 case of B is not in A: x"),
        (side("B", shorter("t03", 1)), "1 case with other runs in the two: t03 (run 1, 2 against run 1)"),
        (side("B", marks(flat(1.0, runs=5))), "A has 2 runs of a case, B has 5"),
        (side("B", marks(flat(1.0)), marks(flat(1.0), "tone")), "1 metric is only in B: tone"),
        (replace(side("B", marks(flat(1.0))), contents={"t01": "x"}), "1 case of the same id ask or expect something"),
    ],
)
def test_what_one_side_lacks_stops_the_comparison_and_common_leaves_it_out(after: Side, words: str) -> None:
    before = replace(A, contents={"t01": "y"}) if after.contents else A
    with pytest.raises(Problems) as refused:
        paired(before, after, ASK)
    assert words in str(refused.value)
    found = paired(before, after, COMMON)
    assert any(words in note for note in found.notes)
    assert found.metrics == ("accuracy",)
    assert len({(s.case, s.k) for s in found.before.marks["accuracy"].scores}) == len(
        {(s.case, s.k) for s in found.after.marks["accuracy"].scores}
    )


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (side("B", marks(flat(1.0), version="2")), "metric 'accuracy' is not the same one: 1 in A, 2 in B"),
        (side("B", marks(flat(1.0), unit="s")), "'accuracy' is in shares of 1, higher is better in A and in s"),
        (side("B", marks(flat(1.0), "tone")), "the two share no metric: accuracy against tone"),
        (side("B", marks({"x": [1.0, 1.0]})), "share no case"),
    ],
)
def test_what_means_something_else_is_refused_even_where_common_is_asked_for(after: Side, words: str) -> None:
    before = side("A", marks(flat(1.0), version="1"))
    with pytest.raises(HarnessError) as refused:
        paired(before, after, COMMON)
    assert words in str(refused.value)


def test_a_metric_that_is_asked_for_must_be_in_both() -> None:
    with pytest.raises(Problems, match="B has no metric 'tone'"):
        paired(side("A", marks(flat(1.0), "tone")), side("B", marks(flat(1.0))), Yardstick(metrics=("tone",)))


def test_sealed_cases_are_counted_and_never_named() -> None:
    before = replace(A, sealed=frozenset({"t07", "t08"}))
    after = side("B", marks({n: r for n, r in flat(1.0).items() if n not in ("t07", "t08", "t09")}))
    with pytest.raises(Problems) as refused:
        paired(before, after, ASK)
    assert "3 cases of A are not in B: t09 and 2 sealed cases" in str(refused.value)
    assert "t07" not in str(refused.value)


def test_goals_say_what_counts_and_time_tokens_and_money_are_told_only() -> None:
    every = (marks(flat(1.0), "tokens", "lower", "tokens"), marks(flat(1.0)), marks(flat(1.0), "tone"))
    plain = paired(side("A", *every), side("B", *every), ASK)
    assert (plain.counting, plain.metrics) == (("accuracy", "tone"), ("accuracy", "tone", "tokens"))
    aimed = paired(side("A", *every), side("B", *every, goals=("tokens", "latency")), ASK)
    assert (aimed.counting, aimed.metrics) == (("tokens",), ("tokens", "accuracy", "tone"))
    asked = paired(side("A", *every), side("B", *every, goals=("tokens",)), Yardstick(metrics=("tone",)))
    assert asked.counting == ("tone",)


def test_a_cost_that_one_side_lacks_is_a_note_and_no_obstacle() -> None:
    found = paired(side("A", marks(flat(1.0)), marks(flat(1.0), "cost", "lower", "USD")), A, ASK)
    assert found.metrics == ("accuracy",)
    assert found.notes == ("not compared, because only A has them: cost",)
