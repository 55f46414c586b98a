"""Which keys a case gives to a graph and which its models fill in, read from the class of its state. Runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.discover.expressions import TooComplexError
from harness.discover.files import Files
from harness.discover.machine import Machine
from harness.discover.starts import graphs_of, start
from harness.discover.values import Agent, Class, Data, External, Graph, Table

_MESSAGES = ("MessagesState", "AgentState")  # states of the library that hold a list of messages
_SCHEMA = ("input_schema", "input", "state_schema")  # keyword of the class that an input is checked against


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of a graph's state with their types as written; a message list is typed "messages"."""

    given: dict[str, str] = field(default_factory=dict)  # that a case has to give; {} = not known
    answered: dict[str, str] = field(default_factory=dict)  # that nodes which call a model write


def keys(root: Path, entry: str) -> Keys:
    """Keys of the graph ``entry`` ("path.py:name"), as far as a static reading knows them; else empty.

    Given are the fields of the input's class that no node writes. Raises UserError when file or name is missing.
    """
    machine = Machine(Files(root.resolve()))
    graphs = graphs_of(machine, entry)
    if any(isinstance(graph, Agent) for graph in graphs):
        return Keys({"messages": "messages"})
    for graph in graphs:
        if isinstance(graph, Graph) and (fields := _fields(machine, graph)):
            written, by_models = _written(machine, graph)
            given = {name: kind for name, kind in fields.items() if name not in written or kind == "messages"}
            return Keys(given, {name: fields[name] for name in by_models if fields.get(name, "messages") != "messages"})
    return Keys()


def _fields(machine: Machine, graph: Graph) -> dict[str, str]:
    """Fields of the class that an input is checked against."""
    file, _, line = graph.where.rpartition(":")
    found = machine.files.get(file)
    if found is None:
        return {}
    for call in ast.walk(found.tree):
        if isinstance(call, ast.Call) and int(line) in (call.lineno, call.func.end_lineno):
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            schemas = [named[name] for name in _SCHEMA if name in named] or call.args
            for atom in machine.evaluate(schemas[0], machine.module(file)) if schemas else ():
                if fields := dict(_of_class(atom)):
                    return fields
    return {}


def _of_class(of: object) -> Iterator[tuple[str, str]]:
    """(name, type) of the fields of a class, those of its bases first."""
    if isinstance(of, External) and of.path.rpartition(".")[2] in _MESSAGES:
        yield "messages", "messages"
    if isinstance(of, Class):
        for base in (atom for value in of.bases for atom in value):
            yield from _of_class(base)
        for statement in of.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                kind = ast.unparse(statement.annotation)
                yield statement.target.id, "messages" if "add_messages" in kind else kind


def _written(machine: Machine, graph: Graph) -> tuple[set[str], list[str]]:
    """Keys that nodes give back: all of them, and in order those of the nodes that call a model."""
    written: set[str] = set()
    by_models: dict[str, None] = {}
    for added in graph.nodes:
        machine.begin()
        try:
            result = start(machine, added, (Data("state"),))
        except (TooComplexError, RecursionError):
            continue
        names = [name for atom in result if isinstance(atom, Table) for name in atom.entries]
        written.update(names)
        by_models |= dict.fromkeys(names if machine.events else ())
    return written, list(by_models)
