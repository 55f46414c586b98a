"""Each goal over the iterations: the app as it stood with its interval, what was tried and not kept, and the target.

Values are means over the deciding cases, drawn afresh for every version that was kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from harness import canvas
from harness.figures import amount, share, wanted
from harness.report.about import unit_of
from harness.report.charts.scale import Scale, spanning
from harness.types import Comparison, Guard, Outcome, Result, Summary, Trial, confirmations

LEFT, RIGHT = 96.0, canvas.EDGE - 36.0  # of the plots
PLOT, HEAD, GAP = 104.0, 26.0, 18.0  # heights of a plot, of the words above it and of the room below it


@dataclass(frozen=True, slots=True)
class Course:
    """One goal over the iterations; position 0 is the app as found."""

    result: Result
    unit: str | None
    stood: tuple[tuple[int, Summary], ...]  # (position, the version on the branch); one without a mean is left out
    fresh: frozenset[int]  # positions at which a version was new and so measured
    tried: tuple[tuple[int, float], ...]  # (position, mean of a candidate that was not kept)


def draw(outcome: Outcome) -> str:
    """The picture, "" where nothing was confirmed or measured."""
    confirmed = list(confirmations(outcome.trials))
    courses = [course for result in outcome.results if (course := _course(outcome, result, confirmed)).stood]
    if not confirmed or not courses:
        return ""
    body = [*_legend()]
    top = canvas.TOP + 24
    for course in courses:
        body += _panel(course, top, len(confirmed))
        top += HEAD + PLOT + GAP
    body += _positions(confirmed, top - GAP + 16)
    cases = f"{outcome.holdout} sealed holdout cases" if outcome.holdout else f"{outcome.dev} cases"
    kept = "is measured by what is on record of it" if outcome.replayed else "is measured afresh"
    told = f"Mean over {cases}. A version {kept} after its change was kept."
    return canvas.document("Progress over the iterations", told, top + 34, body)


def _course(outcome: Outcome, result: Result, confirmed: list[Trial]) -> Course:
    metric, versions = result.goal.metric, outcome.course
    stood, fresh, tried, generation = [], set(), [], 0
    for position in range(len(confirmed) + 1):
        trial = confirmed[position - 1] if position else None
        if trial is not None and trial.stage == "kept":
            generation += 1
        elif trial is not None and (value := _candidate(trial, metric)) is not None:
            tried.append((position, value))
        if trial is None or trial.stage == "kept":
            fresh.add(position)
        version = versions[generation] if generation < len(versions) else ()
        stood += [(position, found) for found in version if found.metric == metric and _drawable(found.mean)]
    return Course(result, unit_of(outcome, metric), tuple(stood), frozenset(fresh), tuple(tried))


def _candidate(trial: Trial, metric: str) -> float | None:
    """A candidate's own mean in its confirmation."""
    if trial.decision is None:
        return None
    arms: tuple[Comparison | Guard, ...] = (trial.decision.comparison, *trial.decision.guards)
    return next((arm.after for arm in arms if arm.metric == metric and _drawable(arm.after)), None)


def _drawable(value: float | None) -> bool:
    return value is not None and math.isfinite(100 * value)


def _legend() -> Iterator[str]:
    y, x = canvas.TOP + 10, float(canvas.MARGIN)
    for mark, words in (
        (_solid, "the app as it stood, with its 95 % interval"),
        (_hollow, "tried, not kept"),
        (_dashed, "target"),
    ):
        yield mark(x, y - 4)
        yield canvas.text(x + 26, y, words, 300, "mute")
        x += 26 + canvas.width(words, "mute") + 24


def _solid(x: float, y: float) -> str:
    return canvas.line(x, y, x + 18, y, "good whisker") + canvas.dot(x + 9, y, "good")


def _hollow(x: float, y: float) -> str:
    return canvas.dot(x + 9, y, "bad hollow")


def _dashed(x: float, y: float) -> str:
    return canvas.line(x, y, x + 18, y, "goal")


def _panel(course: Course, top: float, positions: int) -> Iterator[str]:
    """One goal: its words, its axis, its line."""
    result, unit = course.result, course.unit
    room = (canvas.EDGE - canvas.MARGIN) / 2
    yield canvas.text(canvas.MARGIN, top + 14, result.goal.metric, room - 130, "strong")
    ends = f"{amount(result.initial.mean, unit)} → {amount(result.final.mean, unit)}"
    said = f"{ends}, target {wanted(result.goal, unit)}: {result.state}"
    yield canvas.text(canvas.EDGE, top + 14, said, room + 110, "mute", "end")
    across = Scale(0.0, max(float(positions), 1.0), LEFT + 14, RIGHT)
    up = _upward(course, top + HEAD + PLOT, top + HEAD)
    for value, name in up.ticks(lambda value: share(value) if unit == "" else amount(value, unit), 5):
        yield canvas.line(LEFT, up.at(value), RIGHT + 8, up.at(value), "grid")
        yield canvas.text(LEFT - 8, up.at(value) + 4, name, LEFT - 8 - canvas.MARGIN, "mute", "end")
    if _drawable(result.goal.target):
        height = up.at(result.goal.target or 0.0)
        yield canvas.line(LEFT, height, RIGHT + 8, height, "goal")
    yield from _marks(course, across, up)


def _upward(course: Course, bottom: float, top: float) -> Scale:
    found = [value for _, s in course.stood for value in (s.mean, s.low, s.high)]
    found += [course.result.goal.target, *(value for _, value in course.tried)]
    scale = spanning((value for value in found if value is not None and _drawable(value)), bottom, top)
    if course.unit != "":
        return scale
    return Scale(max(scale.low, -0.02), min(scale.high, 1.02), bottom, top) if scale.low < 1.02 else scale


def _marks(course: Course, across: Scale, up: Scale) -> Iterator[str]:
    line = [(across.at(position), up.at(found.mean or 0.0)) for position, found in course.stood]
    yield canvas.path(line, "good")
    for (x, y), (position, found) in zip(line, course.stood, strict=True):
        if position in course.fresh:
            if found.low is not None and found.high is not None:
                yield canvas.line(x, up.at(found.low), x, up.at(found.high), "good whisker")
            yield canvas.dot(x, y, "good")
    for position, value in course.tried:
        yield canvas.dot(across.at(position), up.at(value), "bad hollow")


def _positions(confirmed: list[Trial], y: float) -> Iterator[str]:
    """What each position is: "found", then the change and its end, as far as there is room."""
    across = Scale(0.0, max(float(len(confirmed)), 1.0), LEFT + 14, RIGHT)
    slot = (RIGHT - LEFT - 14) / len(confirmed)
    names = ["found", *(trial.change.id for trial in confirmed)]
    ends = ["", *("kept" if trial.stage == "kept" else _end(trial) for trial in confirmed)]
    needed = max(canvas.width(words, "mute") for words in (*names, *ends))
    every = max(1, math.ceil(min(needed + 8, 72.0) / slot))
    room = min(slot * every, 72.0) - 6
    for position in range(0, len(names), every):
        for words, down in ((names[position], 0.0), (ends[position], 14.0)):
            if words:
                yield canvas.text(across.at(position), y + down, words, room, "mute", "middle")


def _end(trial: Trial) -> str:
    return "no verdict" if trial.decision is not None and trial.decision.verdict == "no verdict" else "reverted"
