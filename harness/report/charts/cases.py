"""How the cases moved between the app as found and as it ended: totals, and case by case where a case may be named.

Of the sealed holdout there are totals only; the cases that are named are those of dev.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness import canvas
from harness.figures import amount, count, difference, share
from harness.report.about import case_metric, unit_of
from harness.report.charts.scale import Scale, spanning
from harness.types import Outcome

NAMED = 40  # dev cases drawn one by one, those that moved most; the table beside the picture has them all
LEFT, RIGHT = 220.0, 600.0  # of the plot
ROW, BAR = 18.0, 22.0
_ENDS = (("good", "improved"), ("same", "unchanged"), ("bad", "worse"))


@dataclass(frozen=True, slots=True)
class Moved:
    """One dev case that did not stay as it was."""

    case: str
    before: float
    after: float
    gain: float  # better is positive


def draw(outcome: Outcome) -> str:
    """The picture, "" where no case moved."""
    known = list(_dev(outcome))
    moved = sorted((case for case in known if case.gain), key=lambda case: (-case.gain, case.case))
    if not moved and not (outcome.counts[0] or outcome.counts[2]):
        return ""
    dev = [sum(map(test, known)) for test in (lambda c: c.gain > 0, lambda c: not c.gain, lambda c: c.gain < 0)]
    body, top = list(_legend()), canvas.TOP + 28
    sets = [("Sealed holdout", outcome.counts), ("Dev", dev)] if outcome.holdout else [("All cases", outcome.counts)]
    for name, counts in sets:
        if sum(counts):
            body += _totals(name, counts, top)
            top += BAR + 12
    shown = sorted(moved, key=lambda case: -abs(case.gain))[:NAMED]
    body += _named([case for case in moved if case in shown], len(moved), unit_of(outcome, case_metric(outcome)), top)
    height = top + (ROW * len(shown) + 64 if shown else 10)
    told = f"{case_metric(outcome)} by case, mean over its runs: the app as found against the app at the end."
    return canvas.document("What happened to the cases", told, height, body)


def _dev(outcome: Outcome) -> Iterator[Moved]:
    metric = case_metric(outcome)
    lower = any(goal.metric == metric and goal.direction == "lower" for goal in outcome.goals.goals)
    for case, before, after in outcome.dev_cases:
        if before is not None and after is not None and math.isfinite(100 * before) and math.isfinite(100 * after):
            yield Moved(case, before, after, before - after if lower else after - before)


def _legend() -> Iterator[str]:
    x = float(canvas.MARGIN)
    for kind, words in _ENDS:
        yield canvas.bar(x, canvas.TOP + 4, 10, 10, kind)
        yield canvas.text(x + 16, canvas.TOP + 13, words, 90, "mute")
        x += 16 + canvas.width(words, "mute") + 22


def _totals(name: str, counts: Sequence[int], top: float) -> Iterator[str]:
    """One bar of three parts, whose numbers stand behind it: a narrow part has no room for its own."""
    start, whole, total = 130.0, 280.0, sum(counts)
    yield canvas.text(canvas.MARGIN, top + 15, name, start - canvas.MARGIN - 10)
    x = start
    for (kind, _), part in zip(_ENDS, counts, strict=True):
        if part:
            yield canvas.bar(x, top, whole * part / total, BAR, kind)
            x += whole * part / total
    words = ", ".join(f"{part:,} {word}" for part, (_, word) in zip(counts, _ENDS, strict=True))
    yield canvas.text(start + whole + 14, top + 15, words, canvas.EDGE - start - whole - 14, "mute")


def _named(moved: Sequence[Moved], all_moved: int, unit: str | None, top: float) -> Iterator[str]:
    """Before and after of each dev case that moved, best first."""
    if not moved:
        return
    more = f", the {len(moved)} that moved most" if all_moved > len(moved) else ""
    yield canvas.text(canvas.MARGIN, top + 20, f"{count(all_moved, 'dev case')} moved{more}", 500, "strong")
    first, bottom = top + 30, top + 30 + ROW * len(moved)
    scale = spanning([v for case in moved for v in (case.before, case.after)], LEFT, RIGHT)
    for value, name in scale.level_ticks(lambda value: share(value) if unit == "" else amount(value, unit)):
        yield canvas.line(scale.at(value), first, scale.at(value), bottom, "grid")
        yield canvas.text(scale.at(value), bottom + 16, name, 110, "mute", "middle")
    for index, case in enumerate(moved):
        yield from _row(case, unit, scale, first + ROW * (index + 0.5))


def _row(case: Moved, unit: str | None, scale: Scale, y: float) -> Iterator[str]:
    kind = "good" if case.gain > 0 else "bad"
    yield canvas.text(canvas.MARGIN, y + 4, case.case, LEFT - canvas.MARGIN - 16, "mute")
    yield canvas.line(scale.at(case.before), y, scale.at(case.after), y, f"{kind} whisker")
    yield canvas.dot(scale.at(case.before), y, "same", 3)
    yield canvas.dot(scale.at(case.after), y, kind)
    change = difference(case.after - case.before, unit)
    yield canvas.text(canvas.EDGE, y + 4, change, canvas.EDGE - RIGHT - 16, "mute", "end")
