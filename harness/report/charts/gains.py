"""The gain of every confirmation with its 95 % interval, and of all kept changes together. Better is to the right."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness import canvas
from harness.figures import between, chance, count, difference
from harness.report.about import unit_of
from harness.report.charts.scale import Scale, spanning
from harness.types import Comparison, Outcome, confirmations

LEFT, RIGHT = 232.0, 520.0  # of the plot; names stand before it, numbers behind it
ROW, HEAD, FOOT = 40.0, 26.0, 34.0


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison with its name."""

    name: str
    aside: str  # below the name
    found: Comparison
    kind: str  # its colour: good, bad, same


def draw(outcome: Outcome) -> str:
    """The picture, "" where no confirmation gave a gain."""
    groups = _groups(outcome)
    if not groups:
        return ""
    body: list[str] = []
    top = canvas.TOP
    for metric, rows in groups.items():
        body += group(metric, rows, unit_of(outcome, metric), top)
        top += HEAD + ROW * len(rows) + FOOT
    cases = f"{outcome.holdout} sealed holdout cases" if outcome.holdout else f"{outcome.dev} cases"
    told = f"Candidate against the app of its time on {cases}, 95 % intervals; right of the line is better."
    return canvas.document("Gain of each confirmation", told, top, body)


def _groups(outcome: Outcome) -> dict[str, list[Row]]:
    """Rows by metric, in the order of the run; the sum of it all comes last."""
    rows = []
    for trial in confirmations(outcome.trials):
        if trial.decision is not None:
            end = "kept" if trial.stage == "kept" else "not kept"
            name = f"{trial.change.id} {trial.change.technique}"
            kind = "good" if trial.stage == "kept" else "same"
            rows.append(Row(name, f"{end}, {trial.change.node}", trial.decision.comparison, kind))
    kept = sum(trial.stage == "kept" for trial in outcome.trials)
    if kept and outcome.total is not None:
        drawn = "as confirmed" if outcome.replayed else "drawn afresh"
        rows.append(Row("All that was kept", f"{count(kept, 'change')}, {drawn}", outcome.total, "good"))
    drawable = [row for row in rows if numbers(row.found)]
    return {metric: [r for r in drawable if r.found.metric == metric] for metric in (r.found.metric for r in drawable)}


def numbers(found: Comparison) -> tuple[float, ...]:
    """Gain and interval, () where there is none to draw."""
    if found.gain is None or not math.isfinite(100 * found.gain):
        return ()
    return (found.gain, *(v for v in (found.low, found.high) if v is not None and math.isfinite(100 * v)))


def group(metric: str, rows: Sequence[Row], unit: str | None, top: float) -> Iterator[str]:
    """One metric: its name, its axis, a row for each comparison."""
    scale = spanning([0.0, *(value for row in rows for value in numbers(row.found))], LEFT, RIGHT)
    bottom = top + HEAD + ROW * len(rows)
    yield canvas.text(canvas.MARGIN, top + 16, metric, LEFT - canvas.MARGIN - 20, "strong")
    for value, name in scale.level_ticks(lambda value: difference(value, unit).split(" ")[0]):
        yield canvas.line(scale.at(value), top + HEAD, scale.at(value), bottom, "grid")
        yield canvas.text(scale.at(value), bottom + 16, name, 90, "mute", "middle")
    yield canvas.line(scale.at(0.0), top + HEAD, scale.at(0.0), bottom, "axis whisker")
    yield canvas.text(RIGHT + 24, bottom + 16, _unit_words(unit), canvas.EDGE - RIGHT - 24, "mute")
    for index, row in enumerate(rows):
        yield from _row(row, unit, scale, top + HEAD + ROW * index)


def _row(row: Row, unit: str | None, scale: Scale, top: float) -> Iterator[str]:
    found, middle = row.found, top + ROW / 2
    room, beyond = LEFT - canvas.MARGIN - 20, canvas.EDGE - RIGHT - 24
    yield canvas.text(canvas.MARGIN, middle - 3, row.name, room)
    yield canvas.text(canvas.MARGIN, middle + 12, row.aside, room, "mute")
    if found.low is not None and found.high is not None:
        yield canvas.line(scale.at(found.low), middle, scale.at(found.high), middle, f"{row.kind} whisker")
        for end in (found.low, found.high):
            yield canvas.line(scale.at(end), middle - 5, scale.at(end), middle + 5, f"{row.kind} whisker")
    yield canvas.dot(scale.at(found.gain or 0.0), middle, "same hollow" if row.kind == "same" else row.kind, 5)
    yield canvas.text(RIGHT + 24, middle - 3, _gain(found, unit), beyond)
    yield canvas.text(RIGHT + 24, middle + 12, between(found.low, found.high, unit), beyond, "mute")


def _gain(found: Comparison, unit: str | None) -> str:
    return difference(found.gain, unit) + (f", {chance(found.p)}" if found.p is not None else "")


def _unit_words(unit: str | None) -> str:
    return "percentage points" if unit == "" else unit or ""
