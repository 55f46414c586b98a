"""Pictures of graphs of any shape: whole, in their card, no box over another, every way from its box to its box."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.picture import draw, mermaid
from harness.picture.layers import GAP, layout
from harness.types import Discovery, Edge, Node
from tests import makers

SVG = "{http://www.w3.org/2000/svg}"
ROUNDED = 0.16  # left, width and the way's end are each written to one decimal
NASTY = ["</text>", ']"', "a|b", "```", "字" * 60, "\x00\u202e", "#quot;", "end", "W" * 90]
NAMES = st.lists(st.sampled_from([*"abcdefgh", *NASTY]), min_size=1, max_size=9, unique=True)


@st.composite
def discoveries(draw_: st.DrawFn) -> Discovery:
    names = draw_(NAMES)
    ends = st.sampled_from(["__start__", "__end__", *names])
    kinds = st.sampled_from(["plain", "conditional", "goto", "send", "calls"])
    made = draw_(st.lists(st.tuples(ends, ends, kinds, st.sampled_from(["", "yes", *NASTY])), max_size=16))
    edges = tuple(Edge("g.py:1", a, b, kind, label) for a, b, kind, label in made)
    nodes = [makers.node(name, graph="g.py:1", is_llm=number % 2 == 0) for number, name in enumerate(names)]
    inner = makers.node("inner", graph="g.py:9")
    nodes[0] = makers.node(names[0], graph="g.py:1", is_llm=False, runs=("g.py:9",))
    return Discovery("g.py:graph", (*nodes, inner), (), (), edges)


def boxes(root: ET.Element) -> list[tuple[float, float, float, float]]:
    found = [r for r in root.iter(f"{SVG}rect") if r.get("class") in ("box", "llm", "end")]
    return [tuple(float(r.get(k, "")) for k in ("x", "y", "width", "height")) for r in found]  # type: ignore[misc]


@settings(max_examples=60, deadline=None)
@given(found=discoveries())
def test_boxes_stand_apart_inside_the_card_and_ways_meet_them(found: Discovery) -> None:
    root = ET.fromstring(draw(found))
    wide, high = float(root.get("width", "")), float(root.get("height", ""))
    placed = boxes(root)
    for x, y, w, h in placed:
        assert x >= 20 and x + w <= wide - 20 + 0.1 and y >= 60 and y + h <= high
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(placed, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1
    pairs = {(e.source, e.target, e.label) for e in found.edges}
    ways = [p for p in root.iter(f"{SVG}path") if (p.get("class") or "").startswith("way")]
    assert len(ways) == len(pairs)
    for way in ways:
        x, y = (float(n) for n in re.findall(r"-?[\d.]+", way.get("d", ""))[:2])
        assert any(
            bx - ROUNDED <= x <= bx + w + ROUNDED and by - ROUNDED <= y <= by + h + ROUNDED for bx, by, w, h in placed
        )


@settings(max_examples=60, deadline=None)
@given(found=discoveries())
def test_mermaid_names_every_node_and_way_and_holds_no_mark_of_its_own(found: Discovery) -> None:
    lines = mermaid(found).splitlines()
    assert lines[0] == "flowchart TD"
    assert sum(line.startswith("  subgraph ") for line in lines) == lines.count("  end") == 2
    arrows = [line for line in lines if re.match(r"    g\d+n\d+ (-->|-\.->|==>)", line)]
    assert len(arrows) == len({(e.source, e.target, e.label) for e in found.edges})
    for line in lines:
        assert re.sub(r'"[^"<>`|]*(<br/>[^"<>`|]*)?"', "", line).count('"') == 0


@settings(max_examples=100, deadline=None)
@given(
    names=st.lists(st.integers(0, 30).map(str), min_size=1, max_size=12, unique=True),
    picks=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=30),
)
def test_ways_run_from_layer_to_layer(names: list[str], picks: list[tuple[int, int]]) -> None:
    ways = [(names[a % len(names)], names[b % len(names)]) for a, b in picks]
    made = layout(names, ways, dict.fromkeys(names, 50.0))
    for (source, target), stops, back in zip(ways, made.stops, made.back, strict=True):
        if source == target:
            assert stops == ()
            continue
        assert (stops[0], stops[-1]) == (source, target)
        steps = [made.layer[b] - made.layer[a] for a, b in pairwise(stops)]
        assert set(steps) == {-1 if back else 1}
    for a, b in combinations(names, 2):
        assert made.layer[a] != made.layer[b] or abs(made.x[a] - made.x[b]) >= 50 + GAP - 1e-6


def test_a_graph_inside_a_node_says_so() -> None:
    outer: Node = makers.node("team", graph="g.py:1", is_llm=False, runs=("h.py:2",))
    found = Discovery("g.py:graph", (makers.node("a", graph="h.py:2"), outer), ())
    drawn = draw(found)
    assert "inside team: h.py:2" in drawn and "runs a subgraph" in drawn
    assert drawn.index(">team<") < drawn.index(">a<"), "the graph that runs others stands first"
    assert "g0n0 -.- g1" in mermaid(found)
