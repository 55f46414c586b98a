"""Goals against measured values: met, reached, missed, and how far."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import goals
from harness.types import Direction, Goal, Goals, Summary


def goal(direction: Direction, target: float | None, relative: float | None = None, metric: str = "m") -> Goal:
    return Goal(metric, direction, target, relative, where="fine-tune.md:4")


def measured(mean: float | None) -> Summary:
    return Summary("m", 60, 0, mean, 0.1, mean, None, None, None, None)


@pytest.mark.parametrize(
    ("direction", "mean", "bound", "state"),
    [
        ("higher", 0.95, 0.91, "met"),
        ("higher", 0.95, 0.90, "met"),
        ("higher", 0.95, 0.89, "reached"),
        ("higher", 0.95, None, "reached"),
        ("higher", 0.89, 0.85, "missed"),
        ("lower", 0.80, 0.85, "met"),
        ("lower", 0.80, 0.95, "reached"),
        ("lower", 0.95, 0.97, "missed"),
    ],
)
def test_state(direction: Direction, mean: float, bound: float | None, state: str) -> None:
    assert goals.state(goal(direction, 0.9), measured(mean), bound) == state


def test_state_is_unknown_without_target_or_value() -> None:
    assert goals.state(goal("higher", None, 0.1), measured(0.9), 0.9) == "unknown"
    assert goals.state(goal("higher", 0.9), measured(None), None) == "unknown"


def test_rounding_does_not_miss_a_goal() -> None:
    assert goals.state(goal("higher", 0.3), measured(0.1 + 0.2), None) == "reached"
    assert goals.state(goal("lower", 0.3), measured(0.1 + 0.2), None) == "reached"


def test_relative_goals_meet_their_baseline_and_absolute_ones_stay() -> None:
    wanted = Goals(
        (goal("lower", None, -0.4), goal("higher", 0.9, metric="accuracy"), goal("lower", None, -0.1, "cost"))
    )
    got = goals.resolve(wanted, {"m": 500.0, "accuracy": 0.2})
    assert [g.target for g in got.goals] == [pytest.approx(300), 0.9, None]
    assert goals.resolve(got, {"m": 100.0}).goals[0].target == pytest.approx(300)


def test_a_relative_goal_above_every_possible_value_is_told() -> None:
    wanted = goals.resolve(Goals((goal("higher", None, 0.2, "accuracy"),)), {"accuracy": 0.95})
    (sentence,) = goals.unreachable(wanted, ["accuracy"])
    assert "fine-tune.md:4" in sentence
    assert "1.14" in sentence
    assert "cannot be met" in sentence
    assert goals.unreachable(Goals((goal("higher", 5.0), goal("higher", 1.0, metric="accuracy"))), ["accuracy"]) == ()


@pytest.mark.parametrize(
    ("direction", "target", "value", "share"),
    [
        ("higher", 0.9, 0.45, 0.5),
        ("higher", 0.9, 0.99, 1.0),
        ("higher", 0.0, 0.0, 1.0),
        ("lower", 2.0, 4.0, 0.5),
        ("lower", 2.0, 1.0, 1.0),
        ("lower", 0.0, 0.0, 1.0),
        ("lower", 0.0, 0.1, 0.0),
        ("higher", 1.0, -0.5, None),
        ("lower", -1.0, 0.5, None),
    ],
)
def test_achievement(direction: Direction, target: float, value: float, share: float | None) -> None:
    assert goals.achievement(goal(direction, target), value) == (share if share is None else pytest.approx(share))


def test_achievement_of_nothing_is_nothing() -> None:
    assert goals.achievement(goal("higher", None), 0.5) is None
    assert goals.achievement(goal("higher", 0.9), None) is None


_FINITE = st.floats(-1e9, 1e9)


@given(st.sampled_from(["higher", "lower"]), _FINITE, _FINITE)
def test_achievement_is_a_share_and_full_exactly_when_the_goal_is_cleared(
    direction: Direction, target: float, value: float
) -> None:
    wanted = goal(direction, target)
    share = goals.achievement(wanted, value)
    assert share is None or (0 <= share <= 1 and math.isfinite(share))
    assert (share == 1) or not goals.clears(wanted, value)


def test_unmet_keeps_the_order_and_honours_until() -> None:
    wanted = Goals(tuple(goal("higher", 1.0, metric=name) for name in "abcd"))
    states: dict[str, goals.State] = {"a": "met", "b": "reached", "c": "missed"}
    assert [g.metric for g in goals.unmet(wanted, states)] == ["c", "d"]
    assert [g.metric for g in goals.unmet(wanted, states, "met")] == ["b", "c", "d"]
