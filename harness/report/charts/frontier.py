"""Several goals at once: where each version and each confirmed candidate stands in the first two goals.

A version that none of the others betters in both is on the frontier, and joined by a line. Values are means over the
deciding cases: of versions drawn afresh, of candidates those of their confirmation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness import canvas
from harness.figures import amount
from harness.report.about import unit_of
from harness.report.charts.scale import Scale, spanning
from harness.types import Goal, Outcome, Trial, kept_trials

LEFT, RIGHT = 110.0, canvas.EDGE - 24.0
PLOT = 240.0
VALUES = 170.0  # room for the values behind a name
NAMES = 10  # points that get a number and a line below the plot, those on the frontier first


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
    points = list(dict.fromkeys(_points(outcome, goals)))
    if len(points) < 2:
        return ""
    front = frontier(points, *goals)
    top = canvas.TOP + 24
    across = spanning((point.across for point in points), LEFT, RIGHT)
    up = spanning((point.up for point in points), top + PLOT, top)
    places = {point: (across.at(point.across), up.at(point.up)) for point in points}
    listed = [*front, *(point for point in points if point not in front)][:NAMES]
    body = [*_axes(outcome, goals, across, up), canvas.path([places[point] for point in front], "good")]
    for point, (x, y) in places.items():
        body.append(canvas.dot(x, y, ("good" if point.kept else "bad") + ("" if point in front else " hollow")))
    line = [places[point] for point in front]
    body += _numbers([places[point] for point in listed], [*places.values(), *_along(line)])
    words = list(_named(outcome, goals, listed, len(points)))
    for row, (name, values) in enumerate(words):
        body.append(canvas.text(LEFT, top + PLOT + 62 + 16 * row, name, RIGHT - LEFT - VALUES - 8, "mute"))
        body.append(canvas.text(RIGHT, top + PLOT + 62 + 16 * row, values, VALUES, "mute", "end"))
    told = (
        "Filled: none is better in both. Hollow: left behind. Blue: the app as it stood. Orange: a candidate not kept."
    )
    return canvas.document("Two goals at once", told, top + PLOT + 62 + 16 * len(words) + 8, body)


def _axes(outcome: Outcome, goals: Sequence[Goal], across: Scale, up: Scale) -> Iterator[str]:
    units = [unit_of(outcome, goal.metric) for goal in goals]
    top, foot = up.end, up.start
    for value, name in up.ticks(lambda value: amount(value, units[0]), 5):
        yield canvas.line(LEFT, up.at(value), RIGHT, up.at(value), "grid")
        yield canvas.text(LEFT - 8, up.at(value) + 4, name, LEFT - 8 - canvas.MARGIN, "mute", "end")
    for value, name in across.level_ticks(lambda value: amount(value, units[1])):
        yield canvas.text(across.at(value), foot + 18, name, 110, "mute", "middle")
    words = [f"{goal.metric}, {goal.direction} is better" for goal in goals]
    yield canvas.text(LEFT, top - 12, words[0], 240, "strong")
    yield canvas.text(RIGHT, foot + 38, words[1], 300, "strong", "end")


def _numbers(dots: Sequence[tuple[float, float]], taken: Sequence[tuple[float, float]]) -> Iterator[str]:
    """1, 2, ... beside their dots, clear of ``taken`` and of each other; one that finds no room is left out."""
    boxes = [(x - 5, y - 5, x + 5, y + 5) for x, y in taken]
    for number, (x, y) in enumerate(dots, 1):
        wide = canvas.width(str(number), "mute")
        for left, foot in ((x + 9, y + 4), (x - 9 - wide, y + 4), (x - wide / 2, y - 12), (x - wide / 2, y + 18)):
            box = (left, foot - 9, left + wide, foot + 3)
            if all(box[2] <= b[0] or b[2] <= box[0] or box[3] <= b[1] or b[3] <= box[1] for b in boxes):
                boxes.append(box)
                yield canvas.text(left, foot, str(number), wide + 1, "mute")
                break


def _along(corners: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Places on the line through ``corners``, close enough that no number fits between them."""
    for (x, y), (right, foot) in pairwise(corners):
        steps = math.ceil(math.hypot(right - x, foot - y) / 8)
        yield from ((x + (right - x) * i / steps, y + (foot - y) * i / steps) for i in range(1, steps))


def _named(outcome: Outcome, goals: Sequence[Goal], listed: Sequence[Point], points: int) -> Iterator[tuple[str, str]]:
    """The numbers in words, each with its values, and what is left out."""
    up, across = (unit_of(outcome, goal.metric) for goal in goals)
    for number, point in enumerate(listed, 1):
        yield f"{number}. {point.name}", f"{amount(point.up, up)}, {amount(point.across, across)}"
    if points > len(listed):
        yield f"and {points - len(listed):,} more, without a number", ""
    others = [r.goal.metric for r in outcome.results if r.goal not in goals]
    if others:
        yield f"Not in this picture: {', '.join(others)}", ""


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
    kept = [trial.change.id for trial in kept_trials(outcome.trials)]
    for number, version in enumerate(outcome.course):
        means = {summary.metric: summary.mean for summary in version}
        name = "as found" if number == 0 else f"with {', '.join(kept[:number])}"
        yield from _point(name, [means.get(goal.metric) for goal in goals], kept=True)
    for trial in outcome.trials:
        if trial.decision is not None and trial.stage != "kept":
            name = f"{trial.change.id}, not kept: {trial.change.technique}"
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
