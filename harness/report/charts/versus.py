"""The gain of the later of two versions, metric by metric, with its 95 % interval. Better is to the right."""

from __future__ import annotations

from harness import canvas
from harness.figures import amount, count
from harness.report.charts.gains import FOOT, HEAD, ROW, Row, group, numbers
from harness.types import Judged, Versus

_KINDS = {"better": "good", "worse": "bad"}


def draw(told: Versus) -> str:
    """The picture, "" where no metric has a gain."""
    body: list[str] = []
    top = canvas.TOP
    for row in told.rows:
        if numbers(row.found):
            body += group(row.found.metric, [_row(row)], row.unit, top)
            top += HEAD + ROW + FOOT
    if not body:
        return ""
    cases = f"{told.sealed:,} sealed holdout cases" if told.sealed == told.cases else count(told.cases, "case")
    words = f"{told.after} against {told.before} on {cases}, 95 % intervals; right of the line is better."
    return canvas.document("Two versions, paired by case", words, top, body)


def _row(row: Judged) -> Row:
    ends = f"{amount(row.found.before, row.unit)} to {amount(row.found.after, row.unit)}"
    return Row(ends, row.finding if row.counts else f"{row.finding}, told only", row.found, _kind(row))


def _kind(row: Judged) -> str:
    return _KINDS.get(row.finding, "same") if row.counts else "same"
