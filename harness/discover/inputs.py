"""Which keys a case gives to a graph and which its models fill in, read from the class of its state. Runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.discover.files import Files
from harness.discover.machine import Machine
from harness.discover.starts import graphs_of, start
from harness.discover.values import Agent, Class, Data, External, Graph, Table, Value

_MESSAGES = ("MessagesState", "AgentState")  # states of the library that hold a list of messages
_SCHEMA = ("input_schema", "input", "state_schema")  # keyword of the class that an input is checked against


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of a graph's state with their types as written; a message list is typed "messages"."""

    given: dict[str, str] = field(default_factory=dict)  # that a case has to give; {} = not known
    answered: dict[str, str] = field(default_factory=dict)  # that nodes which call a model write
    fields: dict[str, str] = field(default_factory=dict)  # all that the classes of state and input name
    optional: frozenset[str] = frozenset()  # of the given ones those with a default, or marked as not required


def keys(root: Path, entry: str) -> Keys:
    """Keys of the graph ``entry`` ("path.py:name"), as far as a static reading knows them; else empty.

    Given are the fields of the input's class that no node writes. Raises UserError when file or name is missing.
    """
    machine = Machine(Files(root.resolve()))
    graphs = graphs_of(machine, entry)
    if any(isinstance(graph, Agent) for graph in graphs):
        chat = {"messages": "messages"}
        return Keys(chat, {}, chat)
    for graph in graphs:
        if isinstance(graph, Graph) and (classes := _classes(machine, graph)):
            told = [field for of in reversed(classes) for field in _of_class(of)]
            fields = {name: kind for name, kind, _ in told}
            spare = {name: is_spare for name, _, is_spare in told}
            written, by_models = _written(machine, graph)
            asked = [name for name, *_ in _of_class(classes[0])]
            given = {name: fields[name] for name in asked if name not in written or fields[name] == "messages"}
            optional = frozenset(name for name in given if spare[name])
            answered = {name: fields[name] for name in by_models if fields.get(name, "messages") != "messages"}
            return Keys(given, answered, fields, optional)
    return Keys()


def _classes(machine: Machine, graph: Graph) -> list[object]:
    """The classes that the graph is made with, that of its input first; those without fields are left out."""
    file, _, line = graph.where.rpartition(":")
    found = machine.files.get(file)
    for call in ast.walk(found.tree) if found else ():
        if isinstance(call, ast.Call) and int(line) in (call.lineno, call.func.end_lineno):
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            schemas = [*(named[name] for name in _SCHEMA if name in named), *call.args[:1]]
            atoms = [atom for schema in schemas for atom in machine.evaluate(schema, machine.module(file))]
            if classes := [atom for atom in atoms if list(_of_class(atom))]:
                return list(classes)
    return []


def _of_class(of: object, seen: set[object] | None = None) -> Iterator[tuple[str, str, bool]]:
    """(name, type, whether it may be left out) of the fields of a class, those of its bases first; ``seen`` holds the
    classes that were told of."""
    seen = set() if seen is None else seen
    if isinstance(of, External) and of.path.rpartition(".")[2] in _MESSAGES:
        yield "messages", "messages", False
    if isinstance(of, Class) and of.node not in seen:
        seen.add(of.node)
        for base in (atom for value in of.bases for atom in value):
            yield from _of_class(base, seen)
        for statement in of.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                kind = ast.unparse(statement.annotation)
                spare = "NotRequired" in kind or (statement.value is not None and not _is_empty(statement.value))
                yield statement.target.id, "messages" if "add_messages" in kind else kind, spare


def _is_empty(value: ast.expr) -> bool:
    """Whether a default says that there is none: ``Field(...)`` and ``Field(description="...")``."""
    if not (isinstance(value, ast.Call) and ast.unparse(value.func).endswith(("Field", "field"))):
        return False
    first = value.args[0] if value.args else None
    named = {keyword.arg for keyword in value.keywords} & {"default", "default_factory"}
    return not named and (first is None or (isinstance(first, ast.Constant) and first.value is ...))


def _written(machine: Machine, graph: Graph) -> tuple[set[str], list[str]]:
    """Keys that nodes give back: all of them, and in order those of the nodes that call a model."""
    written: set[str] = set()
    by_models: dict[str, None] = {}
    for added in graph.nodes:
        machine.begin()
        result: Value = ()
        with machine.steps.guarded():
            result = start(machine, added, (Data("state"),))
        names = [name for atom in result if isinstance(atom, Table) for name in atom.entries]
        written.update(names)
        by_models |= dict.fromkeys(names if machine.events else ())
    return written, list(by_models)
