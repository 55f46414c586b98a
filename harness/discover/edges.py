"""Edges as they are added to a graph: what a call says of the ways between nodes. Reads no function."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from harness.discover.objects import Invocation
from harness.discover.values import External, Function, Graph, Seq, Table, Text, Value, Wire

START, END = "__start__", "__end__"
WIRES = {
    "add_edge", "add_conditional_edges", "set_entry_point", "set_finish_point", "set_conditional_entry_point",
}  # fmt: skip
_ENDS = {"START": START, "END": END}


def names(value: Value, seen: set[int] | None = None) -> Iterator[str]:
    """The names of nodes that a value may stand for, inside lists too; ``seen`` holds those that were entered."""
    seen = set() if seen is None else seen
    for atom in value:
        if isinstance(atom, Text) and atom.static is not None:
            yield atom.static
        elif isinstance(atom, External) and atom.path.rpartition(".")[2] in _ENDS:
            yield _ENDS[atom.path.rpartition(".")[2]]
        elif isinstance(atom, Seq) and id(atom) not in seen:
            seen.add(id(atom))
            yield from (name for item in atom.items for name in names(item, seen))


def labelled(value: Value) -> Iterator[tuple[str, str]]:
    """(name, label) of each way that the map of a choice names; the label is "" where it says no more than the name."""
    for atom in value:
        if isinstance(atom, Table):
            for key, target in atom.entries.items():
                yield from ((name, "" if key == name else key) for name in names(target))
            yield from ((name, "") for name in names(atom.rest))
        else:
            yield from ((name, "") for name in names((atom,)))


def wire(graph: Graph, method: str, call: Invocation) -> None:
    """Note what ``add_edge`` and its like add."""
    if method == "add_edge":
        target = call.argument(1, "end_key")
        graph.wires += [Wire(source, target, call.where) for source in names(call.argument(0, "start_key"))]
    elif method == "set_entry_point":
        graph.wires.append(Wire(START, call.argument(0, "key"), call.where))
    elif method == "set_finish_point":
        end: Value = (Text((), END),)
        graph.wires += [Wire(source, end, call.where) for source in names(call.argument(0, "key"))]
    elif method == "set_conditional_entry_point":
        _choice(graph, START, call.argument(0, "path"), call.argument(1, "path_map"), call)
    else:
        mapped = call.argument(2, "path_map", "conditional_edge_mapping")
        for source in names(call.argument(0, "source")):
            _choice(graph, source, call.argument(1, "path"), mapped, call)


def _choice(graph: Graph, source: str, chooser: Value, mapped: Value, call: Invocation) -> None:
    code = next((atom.name for atom in chooser if isinstance(atom, Function)), call.source)
    graph.wires.append(Wire(source, mapped, call.where, "conditional", chooser, code))


def chain(graph: Graph, first: int, call: Invocation) -> None:
    """Note the edges of ``add_sequence``, whose nodes begin at index ``first``."""
    added = [node.name for node in graph.nodes[first:]]
    graph.wires += [Wire(a, (Text((), b),), call.where) for a, b in pairwise(added)]


def destinations(graph: Graph, name: str, call: Invocation) -> None:
    """Note the ways that ``add_node(..., destinations=...)`` says a node may choose."""
    given = call.argument(-1, "destinations")
    keys: Value = tuple(Text((), key) for atom in given if isinstance(atom, Table) for key in atom.entries)
    if given:
        graph.wires.append(Wire(name, keys or given, call.where, "goto"))
