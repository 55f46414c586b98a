"""Coverage: counts, and advice only where the spread is off."""

from __future__ import annotations

import pytest

from harness.cases import coverage
from harness.types import Case


def cases(**counts: int) -> list[Case]:
    """Cases by "category__difficulty"."""
    made = []
    for key, count in counts.items():
        category, _, difficulty = key.partition("__")
        made += [
            Case(f"{key}{n}", {"input": f"{key} {n}"}, {"expected_intent": "y"}, category, difficulty)
            for n in range(count)
        ]
    return made


def test_counts_and_shares() -> None:
    got = coverage(cases(a__easy=3, b__hard=1))
    assert (got.total, got.categories, got.difficulties) == (4, {"a": 3, "b": 1}, {"easy": 3, "hard": 1})
    assert got.share(got.categories["a"]) == 0.75


def test_a_good_spread_needs_no_advice() -> None:
    main = {f"{name}__{level}": n for name in "abcd" for level, n in {"easy": 10, "medium": 8, "hard": 4}.items()}
    assert coverage(cases(**main, edge_case__easy=5, edge_case__medium=5, edge_case__hard=2)).advice == ()


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (cases(a__easy=9, b__easy=1), "category 'b': 10% of the cases, 20%-68% advised: add about 2"),
        (cases(a__easy=9, b__easy=1), "category 'a': 90% of the cases, 20%-68% advised"),
        (cases(a=10), "category 'edge_case': 0% of the cases, 10%-15% advised: add about 2"),
        (cases(a__easy=10), "easy cases: 100% of the cases, 40%-50% advised"),
        (cases(a__easy=10), "hard cases: 0% of the cases, 10%-20% advised: add about 2"),
        (cases(a=4), "no case names its difficulty"),
        (cases(a__easy=4, a=1), "1 cases name no difficulty"),
        (
            [Case("1", {"input": "x"}, {"expected_a": 1})],
            "no case names its category: failures cannot be told apart by kind",
        ),
        ([Case("1", {"input": "x"}, {}, "a")], "1 cases have no expected_* field: accuracy cannot be scored on them"),
    ],
)
def test_advice(made: list[Case], says: str) -> None:
    assert says in coverage(made).advice


def test_drafts_are_counted_and_named() -> None:
    draft = {"draft": True}
    made = [Case(f"d{n}", {"input": f"x{n}"}, {}, "a", metadata=draft) for n in range(6)]
    made += [
        Case("told", {"input": "y"}, {"expected_intent": "y"}, "a", metadata=draft),
        Case("bare", {"input": "z"}, {}, "a"),
    ]
    advice = coverage(made).advice
    assert (
        "6 of 8 cases are drafts without an expectation: d0, d1, d2, d3, d4, ...: complete them or they are unscored"
        in advice
    )
    assert "1 cases have no expected_* field: accuracy cannot be scored on them" in advice
    assert any(sentence.startswith("1 of 8 cases is a draft that nobody has looked at") for sentence in advice)


def test_many_even_categories_are_not_scolded() -> None:
    made = cases(**{f"c{n}__easy": 10 for n in range(9)}, edge=10)
    assert not [line for line in coverage(made).advice if line.startswith("category")]


def test_following_the_advice_ends_it() -> None:
    lacking = cases(a=40, b=40, c=5, edge=10)
    assert any("'c'" in line and "add about 18" in line for line in coverage(lacking).advice)
    assert not any("'c'" in line for line in coverage(lacking + cases(c=18)).advice)
