"""Whose idea is tried next: what is of use for few calls gets more turns, and nothing is ever shut out."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harness.loop.turns import Turns, added
from harness.types import Yield

COUNTS = st.integers(0, 500)


@st.composite
def records(draw: st.DrawFn, name: str = "x") -> Yield:
    tried = draw(COUNTS)
    passed = draw(st.integers(0, tried))
    return Yield(name, tried, draw(COUNTS), passed, draw(st.integers(0, passed)), 0.5, draw(COUNTS), draw(COUNTS))


def shares(*found: Yield, seed: str = "1") -> Counter[str]:
    turns, names = Turns({one.proposer: one for one in found}, Random(seed)), [one.proposer for one in found]
    return Counter(turns.next(names) for _ in range(400))


def test_without_a_record_turns_are_even() -> None:
    found = shares(Yield("a"), Yield("b"))
    assert 150 < found["a"] < 250


def test_what_was_of_use_more_often_gets_most_turns_and_the_other_some() -> None:
    found = shares(Yield("a", 12, 0, 6, 2, measured=1200), Yield("b", 12, 0, 1, 0, measured=1200))
    assert found["a"] > 320
    assert found["b"] > 0


def test_equal_use_for_more_calls_gets_fewer_turns() -> None:
    found = shares(Yield("a", 12, 0, 6, 2, 0.1, 0, 1000), Yield("b", 12, 0, 6, 2, 0.1, 4000, 1000))
    assert found["a"] > 320


def test_what_calls_were_paid_for_counts_whether_ideas_came_of_them_or_not() -> None:
    found = shares(Yield("a", 6, 0, 3, measured=600), Yield("b", 0, 0, 0, asked=600))
    assert found["a"] > 250


@given(records("a"), records("b"), st.text(max_size=5))
def test_any_record_gives_the_same_turns_again(first: Yield, second: Yield, seed: str) -> None:
    assert shares(first, second, seed=seed) == shares(first, second, seed=seed)


@given(records(), records())
def test_records_add_up(first: Yield, second: Yield) -> None:
    both = added(first, second)
    assert both == added(second, first)
    assert (both.calls, both.worth) == (first.calls + second.calls, first.worth + second.worth)
    assert added(first, Yield("x")) == first
