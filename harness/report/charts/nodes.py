"""What each node takes per case on the dev cases, before and after: seconds, tokens and, where priced, money."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from harness import canvas
from harness.figures import number
from harness.types import NodeCost, Outcome

LEFT = 190.0  # of the bars; names stand before them
BAR, STEP, ROW, HEAD = 9.0, 13.0, 34.0, 24.0
NUMBER = 70.0  # room of a number behind its bar
COLUMNS = {"seconds": "Seconds", "tokens": "Tokens", "usd": "USD"}  # field of NodeCost -> heading
Costs = Mapping[str, NodeCost]


def draw(outcome: Outcome) -> str:
    """The picture, "" where no node made a call."""
    before, after = ({cost.node: cost for cost in costs} for costs in (outcome.costs_before, outcome.costs_after))
    names = list(dict.fromkeys([*before, *after]))
    columns = [c for c in COLUMNS if any(_value(cost, c) for arm in (before, after) for cost in arm.values())]
    if not names or not columns:
        return ""
    arms = [(before, "same"), (after, "good")] if before != after else [(before, "same")]
    body = list(_legend()) if len(arms) > 1 else []
    top = canvas.TOP + (24 if body else 0)
    room = (canvas.EDGE - LEFT) / len(columns)
    for index, column in enumerate(columns):
        body += _column(column, names, arms, (LEFT + index * room, top, room))
    for index, name in enumerate(names):
        y = top + HEAD + ROW * index
        body.append(canvas.line(canvas.MARGIN, y, canvas.EDGE, y, "grid"))
        body.append(canvas.text(canvas.MARGIN, y + ROW / 2 + 4, name, LEFT - canvas.MARGIN - 14))
    told = "Mean per case on the dev cases; calls that were replayed count as recorded."
    return canvas.document("Latency and cost by node", told, top + HEAD + ROW * len(names) + 10, body)


def _value(cost: NodeCost | None, field: str) -> float | None:
    value = None if cost is None else getattr(cost, field)
    return value if value is not None and math.isfinite(100 * value) else None


def _legend() -> Iterator[str]:
    x = float(canvas.MARGIN)
    for kind, words in (("same", "as found"), ("good", "at the end")):
        yield canvas.bar(x, canvas.TOP + 4, 10, 10, kind)
        yield canvas.text(x + 16, canvas.TOP + 13, words, 90, "mute")
        x += 16 + canvas.width(words, "mute") + 22


def _column(
    field: str, names: Sequence[str], arms: Sequence[tuple[Costs, str]], place: tuple[float, float, float]
) -> Iterator[str]:
    """One kind of cost for all nodes; ``place`` is the left end, the top and the width of its room."""
    left, top, room = place
    yield canvas.text(left, top + 14, COLUMNS[field], room - 10, "strong")
    values = [_value(costs.get(name), field) for costs, _ in arms for name in names]
    longest = max((value for value in values if value is not None), default=0.0) or 1.0
    for index, name in enumerate(names):
        y = top + HEAD + ROW * index + (ROW - STEP * len(arms)) / 2 + (STEP - BAR) / 2
        for costs, kind in arms:
            value = _value(costs.get(name), field)
            wide = (room - NUMBER - 8) * (value or 0.0) / longest
            if value:
                yield canvas.bar(left, y, wide, BAR, kind)
            if value is not None:
                yield canvas.text(left + wide + 6, y + BAR - 1, number(value), NUMBER - 10, "mute")
            y += STEP
