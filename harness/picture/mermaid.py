"""The graphs as Mermaid text: one box per graph, LLM nodes marked, choices dashed."""

from __future__ import annotations

from collections.abc import Iterator

from harness.figures import one_line
from harness.picture.panels import ENDS, Panel, panels, told
from harness.types import Discovery

_ARROWS = {"plain": "-->", "conditional": "-.->", "goto": "-.->", "send": "==>", "calls": "-->"}
_MARKS = str.maketrans({'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;", "`": "#96;", "|": "#124;"})
_LLM = "  classDef llm fill:#ddf4ff,stroke:#0969da,color:#1f2328"


def mermaid(found: Discovery) -> str:
    """A flowchart. Names are written as they are, whatever marks they hold."""
    drawn = panels(found)
    keys = {panel.where: f"g{number}" for number, panel in enumerate(drawn)}
    lines = ["flowchart TD"]
    for panel in drawn:
        lines += _panel(panel, keys[panel.where])
    for panel in drawn:
        for name, node in panel.nodes.items():
            key = _key(panel, keys[panel.where], name)
            lines += [f"  {key} -.- {keys[place]}" for place in node.runs if place in keys]
    return "\n".join([*lines, _LLM]) + "\n"


def _panel(panel: Panel, key: str) -> Iterator[str]:
    yield f'  subgraph {key}["{_text(panel.title)}"]'
    for name in panel.names:
        own, node = _key(panel, key, name), panel.nodes.get(name)
        if name in ENDS:
            yield f'    {own}(["{ENDS[name]}"])'
            continue
        said = told(node)
        words = f"{_text(name)}<br/>{_text(said)}" if said else _text(name)
        yield f'    {own}["{words}"]{":::llm" if node and node.is_llm else ""}'
    for edge in panel.edges:
        label = f'|"{_text(edge.label)}"|' if edge.label else ""
        ends = [_key(panel, key, name) for name in (edge.source, edge.target)]
        yield f"    {ends[0]} {_ARROWS[edge.kind]}{label} {ends[1]}"
    yield "  end"


def _key(panel: Panel, key: str, name: str) -> str:
    return f"{key}n{panel.names.index(name)}"


def _text(words: str) -> str:
    return one_line(words)[:200].translate(_MARKS)
