"""The graphs as one SVG: a panel for each, boxes in layers, LLM nodes tinted, choices dashed. Light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness import canvas
from harness.picture.layers import Layout, Stop, layout
from harness.picture.panels import ENDS, Panel, panels, told
from harness.types import Discovery, Edge

HIGH, LEVEL = 38.0, 92.0  # height of a box, and from one layer to the next
HEAD, PAD, LOOP = 34.0, 18.0, 26.0  # heights of a panel's title and edge; room of a way from a box to itself
WIDEST, NARROW = 230.0, 70.0  # of a box
PORT = 16.0  # between two ways at one side of a box
STYLE = """
.panel { fill: none; stroke: GRID } .box { fill: CARD; stroke: SAME } .llm { fill: TINT; stroke: GOOD }
.end { fill: GRID; stroke: SAME } .way { fill: none; stroke: SAME; stroke-width: 1.3 }
.choice { stroke-dasharray: 5 4 } .tip { fill: SAME } .behind { fill: CARD }
"""
Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class _Placed:
    """A panel with its layout; ``left`` and ``top`` are where its drawing begins."""

    panel: Panel
    layout: Layout
    wide: dict[str, float]
    left: float
    right: float


def draw(found: Discovery) -> str:
    """The picture; one of nothing but its title where there is no node."""
    placed = [_placed(panel) for panel in panels(found)]
    heading = found.graph or "every graph of the repository"
    said = "Blue calls a model. Dashed: chosen at run time. Thick: sent, once for each item."
    least = max(canvas.width(heading, "heading"), canvas.width(said, "mute"), *(_needed(p) for p in placed), 360.0)
    wide = least + 2 * canvas.MARGIN
    body: list[str] = []
    top = canvas.TOP + 4
    for one in placed:
        high = _height(one)
        body += _panel(one, top, high, wide)
        top += high + 14
    return canvas.document(heading, said, top + 6, body, wide, STYLE)


def _placed(panel: Panel) -> _Placed:
    wide = {name: _width(panel, name) for name in panel.names}
    made = layout(panel.names, [(edge.source, edge.target) for edge in panel.edges], wide)
    half = {stop: (wide[stop] if isinstance(stop, str) else 0.0) / 2 for stop in made.x}
    ends = [(made.x[stop] - half[stop], made.x[stop] + half[stop]) for stop in made.x] or [(0.0, 0.0)]
    loop = LOOP if any(edge.source == edge.target for edge in panel.edges) else 0.0
    return _Placed(panel, made, wide, min(a for a, _ in ends), max(b for _, b in ends) + loop)


def _width(panel: Panel, name: str) -> float:
    """As wide as its words or its ways need."""
    if name in ENDS:
        return NARROW
    words = max(canvas.width(name, "strong"), canvas.width(told(panel.nodes.get(name)), "mute"))
    ways = max(sum(edge.source == name for edge in panel.edges), sum(edge.target == name for edge in panel.edges))
    return min(max(words + 24, ways * PORT + 8, NARROW), max(WIDEST, ways * PORT + 8))


def _needed(one: _Placed) -> float:
    return max(one.right - one.left + 2 * PAD, canvas.width(one.panel.title, "mute") + 2 * PAD)


def _height(one: _Placed) -> float:
    return HEAD + LEVEL * max(one.layout.layer.values(), default=0) + HIGH + PAD


def _panel(one: _Placed, top: float, high: float, wide: float) -> Iterator[str]:
    room = wide - 2 * canvas.MARGIN
    yield (f'<rect class="panel" x="{canvas.MARGIN}" y="{top:.1f}" width="{room:.1f}" height="{high:.1f}" rx="6"/>')
    yield canvas.text(canvas.MARGIN + PAD, top + 20, one.panel.title, room - 2 * PAD, "mute")
    shift = canvas.MARGIN + (room - (one.right - one.left)) / 2 - one.left
    y = {stop: top + HEAD + LEVEL * row for stop, row in one.layout.layer.items()}
    labels: list[str] = []
    taken: list[Box] = []
    for edge, points in _routes(one, shift, y):
        yield _way(edge, points)
        labels += _label(edge, points, taken)
    yield from labels
    for name in one.panel.names:
        yield from _box(one, name, one.layout.x[name] + shift, y[name])


def _box(one: _Placed, name: str, x: float, y: float) -> Iterator[str]:
    node, wide = one.panel.nodes.get(name), one.wide[name]
    kind = "end" if name in ENDS else "llm" if node is not None and node.is_llm else "box"
    curve = HIGH / 2 if kind == "end" else 5
    yield (f'<rect class="{kind}" x="{x - wide / 2:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{HIGH}" rx="{curve}"/>')
    said = "" if name in ENDS else told(node)
    yield canvas.text(x, y + (16 if said else 23), ENDS.get(name, name), wide - 10, "strong", "middle")
    if said:
        yield canvas.text(x, y + 30, said, wide - 10, "mute", "middle")


def _routes(one: _Placed, shift: float, y: dict[Stop, float]) -> Iterator[tuple[Edge, list[Point]]]:
    """The points of each way, from its source to its target."""
    ports = _ports(one)
    for number, (edge, stops) in enumerate(zip(one.panel.edges, one.layout.stops, strict=True)):
        if not stops:  # from a box to itself, around its right edge
            x, at = one.layout.x[edge.source] + one.wide[edge.source] / 2 + shift, y[edge.source]
            yield edge, [(x, at + HIGH - 10), (x + LOOP, at + HIGH / 2), (x, at + 10)]
            continue
        up = one.layout.back[number]
        first = (one.layout.x[edge.source] + ports[number, 0] + shift, y[edge.source] + (0 if up else HIGH))
        last = (one.layout.x[edge.target] + ports[number, 1] + shift, y[edge.target] + (HIGH if up else 0))
        middle: list[Point] = []
        for stop in stops[1:-1]:
            edges = [(one.layout.x[stop] + shift, y[stop] - 4), (one.layout.x[stop] + shift, y[stop] + HIGH + 4)]
            middle += reversed(edges) if up else edges
        yield edge, [first, *middle, last]


def _ports(one: _Placed) -> dict[tuple[int, int], float]:
    """Where each way leaves (0) and enters (1) a box, right of its middle: in the order of where they lead."""
    sides: dict[tuple[str, bool], list[tuple[float, int, int]]] = {}
    for number, stops in enumerate(one.layout.stops):
        if stops:
            up = one.layout.back[number]
            for end, (own, other) in enumerate(((stops[0], stops[1]), (stops[-1], stops[-2]))):
                below = (end == 0) != up
                sides.setdefault((str(own), below), []).append((one.layout.x[other], number, end))
    found: dict[tuple[int, int], float] = {}
    for (name, _), ways in sides.items():
        step = min(PORT, (one.wide[name] - 16) / len(ways))
        for index, (_, number, end) in enumerate(sorted(ways)):
            found[number, end] = (index - (len(ways) - 1) / 2) * step
    return found


def _way(edge: Edge, points: Sequence[Point]) -> str:
    style = "way" + (" choice" if edge.kind in ("conditional", "goto") else "")
    thick = ' style="stroke-width:2.6"' if edge.kind == "send" else ""
    if edge.source == edge.target:
        (x1, y1), (far, _), (x2, y2) = points
        drawn = f"M{x1:.1f},{y1:.1f} C{far:.1f},{y1 + 8:.1f} {far:.1f},{y2 - 8:.1f} {x2 + 5:.1f},{y2:.1f}"
        tip = [(x2, y2), (x2 + 8, y2 - 3.5), (x2 + 8, y2 + 3.5)]
    else:
        (x, end), away = points[-1], 7.0 if points[-1][1] < points[0][1] else -7.0
        drawn = _curve([*points[:-1], (x, end + away * 0.8)])
        tip = [(x, end), (x - 3.5, end + away), (x + 3.5, end + away)]
    head = " ".join(f"{a:.1f},{b:.1f}" for a, b in tip)
    return f'<path class="{style}"{thick} d="{drawn}"/><polygon class="tip" points="{head}"/>'


def _curve(points: Sequence[Point]) -> str:
    drawn = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for (x1, y1), (x2, y2) in pairwise(points):
        half = (y1 + y2) / 2
        drawn.append(f"C{x1:.1f},{half:.1f} {x2:.1f},{half:.1f} {x2:.1f},{y2:.1f}")
    return " ".join(drawn)


def _label(edge: Edge, points: Sequence[Point], taken: list[Box]) -> Iterator[str]:
    """The label of a way on its first piece, at the first place where no other label stands."""
    if not edge.label or edge.source == edge.target:
        return
    room = min(canvas.width(edge.label, "mute"), 130.0)
    for part in (0.5, 0.3, 0.7, 0.2, 0.8):
        x, y = _on(points[0], points[1], part)
        box = (x - room / 2 - 2, y - 8, x + room / 2 + 2, y + 7)
        if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
            break
    taken.append(box)
    yield f'<rect class="behind" x="{box[0]:.1f}" y="{box[1]:.1f}" width="{room + 4:.1f}" height="15"/>'
    yield canvas.text(x, y + 3.5, edge.label, room, "mute", "middle")


def _on(first: Point, last: Point, part: float) -> Point:
    """A point of the curve between two places."""
    smooth = part * part * (3 - 2 * part)
    half = 1.5 * part * (1 - part) + part**3
    return first[0] + (last[0] - first[0]) * smooth, first[1] + (last[1] - first[1]) * half
