"""The smallest lift that sets of several sizes can see, beside the lift that the goal takes. Knows numbers, no plan."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness import canvas
from harness.figures import difference
from harness.report.charts.scale import Scale

LEFT, RIGHT = 96.0, canvas.EDGE - 60.0
PLOT = 220.0


def draw(points: Sequence[tuple[int, float]], wanted: float | None, unit: str, told: str) -> str:
    """The picture, "" without points. ``points``: (cases, lift in ``unit``) by number of cases, the set as it is first.

    ``told``: one line below the heading.
    """
    if not points:
        return ""
    top = canvas.TOP + 10
    counts = [math.log(cases) for cases, _ in points]
    across = Scale(min(counts) - 0.08, max(counts) + 0.08, LEFT, RIGHT)
    highest = max(*(lift for _, lift in points), wanted or 0.0, 1e-12)
    up = Scale(0.0, 1.1 * highest, top + PLOT, top)
    body = []
    for value, name in up.ticks(lambda value: difference(value, unit).lstrip("+"), 5):
        body.append(canvas.line(LEFT, up.at(value), RIGHT, up.at(value), "grid"))
        body.append(canvas.text(LEFT - 8, up.at(value) + 4, name, LEFT - 8 - canvas.MARGIN, "mute", "end"))
    if wanted is not None:
        body.append(canvas.line(LEFT, up.at(wanted), RIGHT, up.at(wanted), "goal"))
        words = f"the goal takes {difference(wanted, unit)}"
        body.append(canvas.text(RIGHT, up.at(wanted) - 6, words, RIGHT - LEFT, "mute", "end"))
    places = [(across.at(count), up.at(lift)) for count, (_, lift) in zip(counts, points, strict=True)]
    body.append(canvas.path(places, "good"))
    for index, ((x, y), (cases, lift)) in enumerate(zip(places, points, strict=True)):
        body.append(canvas.dot(x, y, "good" if index == 0 else "good hollow"))
        body.append(canvas.text(x, y - 10, difference(lift, unit), 110, "strong" if index == 0 else "mute", "middle"))
        body.append(canvas.text(x, top + PLOT + 18, f"{cases:,}", 70, "mute", "middle"))
    body.append(canvas.text(LEFT, top + PLOT + 36, "cases, dev and holdout", 300, "mute"))
    return canvas.document("Smallest lift that is kept with 80 % chance", told, top + PLOT + 52, body)
