"""The graphs of a discovery one by one: which nodes and ways each has, and what is said of them in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.types import Discovery, Edge, Node

START, END = "__start__", "__end__"
ENDS = {START: "start", END: "end"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph."""

    where: str  # "file:line" where it is made, "" for tasks and entrypoints
    title: str
    names: tuple[str, ...]  # of its nodes, with __start__ and __end__ where an edge names them
    nodes: dict[str, Node]  # what is known of them
    edges: tuple[Edge, ...]  # each pair of ends once for each label


def panels(found: Discovery) -> tuple[Panel, ...]:
    """The graphs in the order met, the one that runs others before them."""
    places = list(dict.fromkeys(n.graph for n in found.nodes))
    inner = {place for node in found.nodes for place in node.runs}
    ordered = sorted(places, key=lambda place: place in inner)
    return tuple(_panel(found, place) for place in ordered)


def told(node: Node | None) -> str:
    """What a picture says below the name of a node."""
    if node is None:
        return "not found as a node"
    models = list(dict.fromkeys(m.id or m.provider for m in node.models if m.id or m.provider))
    if node.is_llm:
        return f"LLM: {models[0]}{' and others' if models[1:] else ''}" if models else "LLM"
    return "runs a subgraph" if node.runs else ""


def _panel(found: Discovery, place: str) -> Panel:
    nodes = {node.name: node for node in found.nodes if node.graph == place}
    edges: dict[tuple[str, str, str], Edge] = {}
    for edge in found.edges:
        if edge.graph == place:
            edges.setdefault((edge.source, edge.target, edge.label), edge)
    ends = dict.fromkeys(name for edge in edges.values() for name in (edge.source, edge.target))
    first = [START] if START in ends else []
    last = [END] if END in ends else []
    names = dict.fromkeys((*first, *nodes, *(name for name in ends if name not in ENDS), *last))
    return Panel(place, _title(found, place), tuple(names), nodes, tuple(edges.values()))


def _title(found: Discovery, place: str) -> str:
    users = list(dict.fromkeys(_users(found, place)))
    inside = f"inside {', '.join(users)}: " if users else ""
    return f"{inside}{place}" if place else "tasks and entrypoints"


def _users(found: Discovery, place: str) -> Iterator[str]:
    return (node.name for node in found.nodes if place and place in node.runs)
