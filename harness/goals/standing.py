"""Measured values against goals: met or not, and how far. Pure arithmetic; knows no files and no statistics."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal

from harness.types import Goal, Goals, Summary

State = Literal["met", "reached", "missed", "unknown"]
_ROUNDING = 1e-9  # of the target: sums of floats may miss it by less


def resolve(goals: Goals, baseline: Mapping[str, float]) -> Goals:
    """Give each relative goal its absolute target from the baseline mean of its metric, in the metric's unit.

    A goal whose metric has no baseline keeps ``target`` None, so that its state is "unknown". Absolute goals and
    goals resolved before stay as they are.
    """
    return replace(goals, goals=tuple(_resolved(goal, baseline.get(goal.metric)) for goal in goals.goals))


def _resolved(goal: Goal, base: float | None) -> Goal:
    if goal.target is not None or goal.relative is None or base is None:
        return goal
    return replace(goal, target=base * (1 + goal.relative))


def state(goal: Goal, summary: Summary, bound: float | None) -> State:
    """How a goal stands.

    ``bound`` is the one-sided 90 % bound of the mean on its worse side: lower where higher is better, upper where
    lower is. "met" = the bound clears the target, "reached" = only the estimate does, "missed" = not even that,
    "unknown" = no target or nothing measured.
    """
    if goal.target is None or summary.mean is None:
        return "unknown"
    if not clears(goal, summary.mean):
        return "missed"
    return "met" if bound is not None and clears(goal, bound) else "reached"


def clears(goal: Goal, value: float) -> bool:
    """Whether a value is at the target or beyond it on the better side; False while the target is unknown."""
    if goal.target is None:
        return False
    slack = _ROUNDING * max(abs(goal.target), 1e-12)
    return value >= goal.target - slack if goal.direction == "higher" else value <= goal.target + slack


def achievement(goal: Goal, value: float | None) -> float | None:
    """Share of the goal that is achieved, 0-1 (F13): value/target, or target/value where lower is better, capped at 1.

    None where there is no value, no target, or a ratio would say nothing (signs differ below 0).
    """
    if goal.target is None or value is None:
        return None
    if clears(goal, value):
        return 1.0
    part, whole = (value, goal.target) if goal.direction == "higher" else (goal.target, value)
    return part / whole if whole > 0 <= part else None


def unmet(goals: Goals, states: Mapping[str, State], until: Literal["reached", "met"] = "reached") -> tuple[Goal, ...]:
    """Goals that keep a run going, in the order written, by the state of each metric; the first is its target.

    A metric without a state counts as "unknown", which is never enough.
    """
    enough = ("met",) if until == "met" else ("met", "reached")
    return tuple(goal for goal in goals.goals if states.get(goal.metric, "unknown") not in enough)


def unreachable(goals: Goals, shares: Collection[str]) -> tuple[str, ...]:
    """Sentences about goals that no value of their metric can meet, such as "+20 %" on an accuracy of 0.95.

    ``shares``: NAMEs of the metrics that are shares of 1.
    """
    return tuple(
        f"{goal.where}: {goal.metric} would have to be {goal.target:.3g}, but it never exceeds 1: "
        "the goal cannot be met"
        for goal in goals.goals
        if goal.target is not None and goal.direction == "higher" and goal.metric in shares and goal.target > 1
    )
