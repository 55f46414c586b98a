"""Which graph is the app: every graph that could be meant, with the nodes that call a model, and the one proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import discover
from harness.errors import UserError


@dataclass(frozen=True, slots=True)
class Candidate:
    """One graph that could be the app's."""

    entry: str  # "path.py:name"
    nodes: int
    llm: tuple[str, ...]  # nodes that call a model


def candidates(root: Path) -> tuple[Candidate, ...]:
    """Every graph that could be meant, in the order of langgraph.json or else as found; none that cannot be read."""
    found = []
    for entry in discover.entries(root):
        try:
            nodes = discover.discover(root, entry).nodes
        except UserError:
            continue
        found.append(Candidate(entry, len(nodes), tuple(node.name for node in nodes if node.is_llm)))
    return tuple(found)


def proposed(root: Path, found: Sequence[Candidate]) -> tuple[Candidate, str]:
    """The graph to take where nobody is asked, and why: of langgraph.json the first one with a node that calls a model,
    elsewhere the one with most such nodes, the first of equal ones."""
    if (root / "langgraph.json").is_file():
        chosen = next((one for one in found if one.llm), found[0])
        return chosen, "the first graph of langgraph.json that calls a model" if chosen.llm else "the first of them"
    return max(found, key=lambda one: len(one.llm)), "the graph with the most nodes that call a model"
