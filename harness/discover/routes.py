"""From what was noted at graphs and nodes to edges, and to the conditions and tools that call a model themselves."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from harness.discover.edges import END, START, labelled, names
from harness.discover.inventory import uses
from harness.discover.machine import Machine
from harness.discover.starts import start
from harness.discover.values import (
    Added,
    Agent,
    Class,
    Data,
    External,
    Function,
    Graph,
    Instance,
    Method,
    Record,
    Seq,
    Value,
    Wire,
    join,
)
from harness.types import Aside, AsideKind, Edge, EdgeKind

_STATE: Value = (Data("state"),)
_OFTEN = 24  # readings of one choice, condition or tool


class Routes:
    """Edges and asides of one reading, each once, in the order met."""

    def __init__(self, machine: Machine, note: Callable[[str], None]) -> None:
        self._machine, self._note = machine, note
        self._edges: dict[tuple[str, str, str, str], Edge] = {}
        self._asides: dict[tuple[str, str], Aside] = {}
        self._readings: Counter[tuple[str, str]] = Counter()

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge; of one that is plain and chosen too, both."""
        return tuple(self._edges.values())

    @property
    def asides(self) -> tuple[Aside, ...]:
        """Conditions and tools that call a model."""
        return tuple(self._asides.values())

    def of_graph(self, graph: Graph) -> None:
        """Read the edges of a graph, and the functions that choose one."""
        for wire in list(graph.wires):  # what chooses a way may be read to add more of them
            ways = list(labelled(wire.targets))
            if wire.chooser:
                ways = ways or self._chosen(graph, wire)
                self._aside("condition", wire.chooser, wire.where, (wire.source,))
            for name, label in ways:
                self._add(graph.where, wire.source, name, wire.kind, label, wire.where)

    def of_agent(self, agent: Agent) -> None:
        """A prebuilt agent is entered at its model and left there."""
        where = f"{agent.file}:{agent.line}"
        self._add(where, START, agent.name, "plain", "", where)
        self._add(where, agent.name, END, "plain", "", where)

    def of_node(self, added: Added, function: Function | None) -> None:
        """The ways that a node chooses itself: what was noted while it was read, and its annotation."""
        for kind, targets, where in self._machine.gotos:
            for name in names(targets):
                self._add(added.graph, added.name, name, kind, "", where)
        if function is not None and "Command" in _returns(function):
            for name in promised(self._machine, function):
                self._add(added.graph, added.name, name, "goto", "", f"{added.file}:{added.line}")

    def of_tools(self, tools: Iterable[tuple[Value, tuple[str, ...]]]) -> None:
        """Read what tools do: ``tools`` holds them with the nodes whose model may call them."""
        for value, nodes in tools:
            for item in each(value):
                body = _body(self._machine, item)
                if body is not None:
                    self._aside("tool", (body,), "", nodes)

    def _chosen(self, graph: Graph, wire: Wire) -> list[tuple[str, str]]:
        """Where a choice without a map may lead: by its annotation, else by what it gives back."""
        if any(isinstance(atom, External) and atom.path.endswith("tools_condition") for atom in wire.chooser):
            return [("tools", ""), (END, "")]
        functions = [atom for atom in wire.chooser if isinstance(atom, Function)]
        found = [name for function in functions for name in promised(self._machine, function)]
        self._readings["choice", wire.where] += 1
        if not found and self._readings["choice", wire.where] <= _OFTEN:
            added = Added(wire.source, wire.where.partition(":")[0], 0, wire.chooser, wire.source_code)
            results: list[Value] = []
            self._machine.begin()
            with self._machine.steps.guarded(wire.where):
                results.append(start(self._machine, added, _STATE))
            found = list(names(join(results)))
            for kind, targets, where in self._machine.gotos:
                for name in names(targets):
                    self._add(graph.where, wire.source, name, kind, "", where)
            if not found and not self._machine.gotos:
                self._note(f"{wire.where}: where {wire.source} leads is decided by {wire.source_code} at run time")
        return [(name, "") for name in dict.fromkeys(found)]

    def _add(self, graph: str, source: str, target: str, kind: EdgeKind, label: str, where: str) -> None:
        known = (graph, source, target, label)
        if kind in ("plain", "conditional") or not any(key[:3] == known[:3] for key in self._edges):
            self._edges.setdefault(known, Edge(graph, source, target, kind, label, where))

    def _aside(self, kind: AsideKind, action: Value, where: str, nodes: tuple[str, ...]) -> None:
        for atom in action:
            function = atom if isinstance(atom, Function) else None
            place = f"{function.scope.file}:{function.node.lineno}" if function else where
            known = self._asides.get((kind, place))
            if known is not None:
                self._asides[kind, place] = replace(known, nodes=tuple(dict.fromkeys((*known.nodes, *nodes))))
                continue
            self._readings[kind, place] += 1
            if self._readings[kind, place] > _OFTEN:
                continue
            self._machine.begin()
            added = Added("", place.partition(":")[0], 0, (atom,), function.name if function else "a condition")
            with self._machine.steps.guarded(place):
                start(self._machine, added, _STATE)
            events = list(dict.fromkeys(self._machine.events))
            if events:
                calls = tuple(dict.fromkeys(event.where for event in events))
                texts = dict.fromkeys(f"{f.span.file}:{f.span.line}" for event in events for f in event.fragments)
                self._asides[kind, place] = Aside(kind, added.source, place, nodes, calls, uses(events), tuple(texts))


def each(value: Value, seen: set[int] | None = None) -> Iterator[object]:
    """The tools or forms of a value, inside lists too; ``seen`` holds those that were entered."""
    seen = set() if seen is None else seen
    for atom in value:
        if not isinstance(atom, Seq):
            yield atom
        elif id(atom) not in seen:
            seen.add(id(atom))
            yield from (found for item in atom.items for found in each(item, seen))


def promised(machine: Machine, function: Function) -> Iterator[str]:
    """Names in the ``Literal`` of a function's return annotation, also where the annotation is a name for one."""
    if isinstance(function.node, ast.Lambda) or function.node.returns is None:
        return
    for node in ast.walk(_annotation(machine, function.node.returns, function)):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Literal":
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for element in inner:
                yield from names(machine.evaluate(element, function.scope))


def _annotation(machine: Machine, written: ast.expr, function: Function) -> ast.AST:
    if isinstance(written, ast.Constant) and isinstance(written.value, str):
        try:
            return ast.parse(written.value, mode="eval").body
        except (SyntaxError, ValueError):
            return written
    found = machine.files.get(function.scope.file)
    if isinstance(written, ast.Name) and found:
        for statement in found.tree.body:
            if isinstance(statement, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == written.id for target in statement.targets
            ):
                return statement.value
    return written


def _returns(function: Function) -> str:
    node = function.node
    return "" if isinstance(node, ast.Lambda) or node.returns is None else ast.unparse(node.returns)


def _body(machine: Machine, tool: object) -> Function | Method | None:
    """The code that a tool runs."""
    if isinstance(tool, Function):
        return replace(tool, tag="") if tool.tag == "tool" or not tool.tag else None
    if isinstance(tool, Record):
        inner = (atom for atom in tool.attributes.get("func", ()) if isinstance(atom, Function))
        return next(inner, None)
    of = tool.of if isinstance(tool, Instance) else tool if isinstance(tool, Class) else None
    if of is None:
        return None
    found = (atom for name in ("_run", "_arun") for atom in machine.in_class(of, name))
    made = tool if isinstance(tool, Instance) else Instance(of)
    return next((replace(atom, args=((made,),)) for atom in found if isinstance(atom, Function)), None)
