"""Which metric a report is about, and the unit in which its values are written. Knows no table and no chart."""

from __future__ import annotations

from harness.figures import written
from harness.types import Outcome


def unit_of(outcome: Outcome, metric: str) -> str | None:
    """UNIT of a metric; where the run does not say, as its goal is written, else None."""
    if metric in outcome.units:
        return outcome.units[metric]
    return next((written(goal) for goal in outcome.goals.goals if goal.metric == metric), None)


def case_metric(outcome: Outcome) -> str:
    """The metric that per-case values and the total are about."""
    if outcome.total is not None:
        return outcome.total.metric
    return outcome.goals.goals[0].metric if outcome.goals.goals else ""
