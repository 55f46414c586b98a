"""Several goals at once: where each version and each confirmed candidate stands in the first two goals.

A version that none of the others betters in both is on the frontier, and joined by a line. Values are means over the
deciding cases: of versions drawn afresh, of candidates those of their confirmation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness import canvas
from harness.figures import amount
from harness.report.about import unit_of
from harness.report.charts.scale import spanning
from harness.types import Goal, Outcome, Trial

LEFT, RIGHT = 110.0, canvas.EDGE - 24.0
PLOT = 240.0
NAMES = 6  # candidates named beside their dot; more would lie over each other


@dataclass(frozen=True, slots=True)
class Point:
    """One version or candidate."""

    name: str
    across: float  # in the second goal
    up: float  # in the first
    kept: bool  # on the branch at some time, the app as found among them


def draw(outcome: Outcome) -> str:
    """The picture, "" where there are fewer than two goals with values, or nothing was confirmed."""
    goals = [r.goal for r in outcome.results if r.initial.mean is not None and math.isfinite(r.initial.mean)][:2]
    if len(goals) < 2 or not any(trial.decision for trial in outcome.trials):
        return ""
    points = list(_points(outcome, goals))
    if len(points) < 2:
        return ""
    up_goal, across_goal = goals
    front = frontier(points, up_goal, across_goal)
    top = canvas.TOP + 24
    across = spanning((point.across for point in points), LEFT, RIGHT)
    up = spanning((point.up for point in points), top + PLOT, top)
    body = []
    unit = unit_of(outcome, up_goal.metric)
    for value, name in up.ticks(lambda value: amount(value, unit), 5):
        body.append(canvas.line(LEFT, up.at(value), RIGHT, up.at(value), "grid"))
        body.append(canvas.text(LEFT - 8, up.at(value) + 4, name, LEFT - 8 - canvas.MARGIN, "mute", "end"))
    for value, name in across.level_ticks(lambda value: amount(value, unit_of(outcome, across_goal.metric))):
        body.append(canvas.text(across.at(value), top + PLOT + 18, name, 110, "mute", "middle"))
    places = {point: (across.at(point.across), up.at(point.up)) for point in points}
    body.append(canvas.path([places[point] for point in front], "good"))
    for point, (x, y) in places.items():
        body.append(canvas.dot(x, y, "good" if point in front else "good hollow" if point.kept else "bad hollow"))
    body.append(canvas.text(LEFT, top - 12, f"{up_goal.metric}, {up_goal.direction} is better", 240, "strong"))
    words = f"{across_goal.metric}, {across_goal.direction} is better"
    body.append(canvas.text(RIGHT, top + PLOT + 36, words, 300, "strong", "end"))
    body += _named(front, places, top + PLOT + 58)
    told = "Filled: bettered by none in both, named from left to right. Hollow: left behind, or a candidate not kept."
    return canvas.document("Two goals at once", told, top + PLOT + 58 + 16 * min(len(front), NAMES) + 8, body)


def _named(front: Sequence[Point], places: dict[Point, tuple[float, float]], top: float) -> Iterator[str]:
    """The frontier in words, from left to right."""
    for number, point in enumerate(front[:NAMES]):
        yield canvas.text(LEFT, top + 16 * number, f"{number + 1}. {point.name}", RIGHT - LEFT, "mute")


def frontier(points: Sequence[Point], up: Goal, across: Goal) -> list[Point]:
    """The points that no other one betters in one goal without losing in the other, from left to right."""
    best = [point for point in points if not any(_betters(other, point, up, across) for other in points)]
    return sorted(dict.fromkeys(best), key=lambda point: (point.across, point.up))


def _betters(one: Point, other: Point, up: Goal, across: Goal) -> bool:
    ahead = [
        (one.up - other.up) * (1 if up.direction == "higher" else -1),
        (one.across - other.across) * (1 if across.direction == "higher" else -1),
    ]
    return min(ahead) >= 0 and max(ahead) > 0


def _points(outcome: Outcome, goals: Sequence[Goal]) -> Iterator[Point]:
    """The versions as measured, then the candidates that were confirmed and not kept."""
    kept = [trial.change.id for trial in outcome.trials if trial.stage == "kept"]
    for number, version in enumerate(outcome.course):
        means = {summary.metric: summary.mean for summary in version}
        name = "as found" if number == 0 else f"with {', '.join(kept[:number])}"
        yield from _point(name, [means.get(goal.metric) for goal in goals], kept=True)
    for trial in outcome.trials:
        if trial.decision is not None and trial.stage != "kept":
            name = f"{trial.change.id} {trial.change.technique}"
            yield from _point(name, [_after(trial, goal.metric) for goal in goals], kept=False)


def _after(trial: Trial, metric: str) -> float | None:
    decided = trial.decision
    if decided is None:
        return None
    if decided.comparison.metric == metric:
        return decided.comparison.after
    return next((guard.after for guard in decided.guards if guard.metric == metric), None)


def _point(name: str, values: Sequence[float | None], *, kept: bool) -> Iterator[Point]:
    up, across = values
    if up is not None and across is not None and math.isfinite(up) and math.isfinite(across):
        yield Point(name, across, up, kept)
