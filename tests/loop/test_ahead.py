"""Runs until the next decision: an upper bound that shrinks as candidates go through the screen."""

from __future__ import annotations

from harness.loop.ahead import better_part, until_decision

ADDED = [30, 30, 90]  # 30 cases: one run, one more, three more


def test_two_fifths_stay_and_two_where_there_are_two() -> None:
    assert [better_part(n) for n in (0, 1, 2, 3, 4, 5, 6, 8, 20)] == [0, 1, 2, 2, 2, 2, 3, 4, 8]


def test_all_stages_and_both_arms_of_the_confirmation_count() -> None:
    confirmation = 2 * 60 * 5
    assert until_decision(ADDED, 8, 8, confirmation) == 30 * (8 * 1 + 4 * 1 + 2 * 3) + confirmation
    assert until_decision(ADDED[1:], 4, 1, confirmation) == 30 * (1 * 1 + 2 * 3) + confirmation
    assert until_decision(ADDED[2:], 2, 1, confirmation) == 30 * 3 + confirmation
    assert until_decision([10], 3, 2, 20) == 2 * 10 + 20
