"""Runs until the next decision: an upper bound that shrinks as candidates go through the screen."""

from __future__ import annotations

from harness.loop.ahead import better_half, until_decision

STAGES = [range(0, 1), range(1, 2), range(2, 5)]


def test_the_better_half_keeps_two_where_there_are_two() -> None:
    assert [better_half(n) for n in (0, 1, 2, 3, 4, 5, 8)] == [0, 1, 2, 2, 2, 3, 4]


def test_all_stages_and_both_arms_of_the_confirmation_count() -> None:
    confirmation = 2 * 60 * 5
    assert until_decision(STAGES, 8, 8, 30, confirmation) == 30 * (8 * 1 + 4 * 1 + 2 * 3) + confirmation
    assert until_decision(STAGES[1:], 4, 1, 30, confirmation) == 30 * (1 * 1 + 2 * 3) + confirmation
    assert until_decision(STAGES[2:], 2, 1, 30, confirmation) == 30 * 3 + confirmation
    assert until_decision([range(0, 1)], 3, 2, 10, 20) == 2 * 10 + 20
