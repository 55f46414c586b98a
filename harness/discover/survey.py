"""The static reading of a repository: nodes of its graphs, and the authored texts that their model calls send.

Imports nothing of the app. What this says is at most "likely"; only a recorded run proves a prompt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from harness.discover.builders import unread
from harness.discover.copies import with_twins
from harness.discover.files import Files
from harness.discover.inventory import Inventory
from harness.discover.machine import Machine
from harness.discover.routes import Routes
from harness.discover.starts import BUILDERS, graphs_of, start
from harness.discover.steering import steers
from harness.discover.travels import Travels
from harness.discover.values import Added, Agent, CallEvent, Data, Function, Graph, Instance, Value, join
from harness.types import Discovery, Node

_STATE: Value = (Data("state"),)
_OFTEN = 24  # readings of one node: code that makes the same graph again and again tells nothing new after these


def discover(root: Path, entry: str = "", files: Files | None = None) -> Discovery:
    """Nodes and prompts of the graph ``entry`` ("path.py:name"), of its subgraphs too; "" reads every graph.

    Files that are given note what is read. Raises UserError when the entry's file or name is missing.
    """
    survey = _Survey(Machine(files or Files(root.resolve())))
    if entry:
        survey.read_entry(entry)
    else:
        survey.read_everything()
    return survey.result(entry)


class _Survey:
    """One reading: what was read and what was found."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._inventory = Inventory()
        self._nodes: dict[tuple[str, int, str], Node] = {}
        self._notes: dict[str, None] = {}
        self._added: dict[Added, str] = {}  # nodes that call a model or run a graph, and their graph
        self._travels = Travels()
        self._seen: set[Value] = set()
        self._readings: Counter[tuple[str, int, str]] = Counter()
        self._events: dict[tuple[str, int, str], dict[CallEvent, None]] = {}
        self._agents: dict[tuple[str, int, str], dict[CallEvent, None]] = {}
        self._steering: list[tuple[Value, tuple[str, ...]]] = []  # tools and forms, with the nodes that send them
        self._routes = Routes(machine, lambda text: self._notes.update({text: None}))

    def read_entry(self, entry: str) -> None:
        """Read one graph and what it runs."""
        graphs = graphs_of(self._machine, entry)
        self._read_all(graphs)
        if not graphs:
            self._read_tasks()
        self._read_again()
        if not self._nodes:
            self._notes[f"{entry}: this graph is made in a way that cannot be followed without running it"] = None

    def read_everything(self) -> None:
        """Read every graph, prebuilt agent, task and entrypoint of the repository."""
        for file in self._machine.files.containing(BUILDERS):
            self._machine.begin()
            self._machine.module(file)
            unread(self._machine, file)
        self._read_all([*self._machine.graphs, *self._machine.agents])
        self._read_tasks()
        self._read_again()

    def _read_all(self, todo: Iterable[Graph | Agent]) -> None:
        queue = list(todo)
        inside = {id(a) for g in queue if isinstance(g, Graph) for added in g.nodes for a in added.action}
        while queue:
            item = queue.pop(0)
            if isinstance(item, Agent):
                if id(item) not in inside:
                    self._add_agent(item)
                    self._routes.of_agent(item)
                continue
            for added in list(item.nodes):  # what a node runs may be read to add more of them
                key = (added.file, added.line, added.name)
                known = self._nodes.get(key)
                told = known is not None and (known.models or added.action in self._seen)
                if not told and self._readings[key] < _OFTEN:
                    self._readings[key] += 1
                    self._seen.add(added.action)
                    found = self._read_node(added, item.where)
                    for graph in (g for g in found if isinstance(g, Graph)):
                        self._travels.runs(item.where, graph.where)
                    queue += found
            self._routes.of_graph(item)

    def _read_tasks(self) -> None:
        """Functions of the functional API in the files read."""
        for scope in self._machine.scopes():
            for function in [a for value in scope.names.values() for a in value if isinstance(a, Function)]:
                if function.tag in {"task", "entrypoint"} and function.scope is scope:
                    plain = replace(function, tag="")
                    self._read_node(
                        Added(function.name, scope.file, function.node.lineno, (plain,), function.name), scope.file
                    )

    def _read_again(self) -> None:
        """Read nodes once more where system messages travel through the state of their app."""
        for added, graph in self._added.items():
            state = self._travels.state(graph)
            if state:
                self._read_node(added, graph, state)

    def _read_node(self, added: Added, graph: str, state: Value = _STATE) -> list[Graph | Agent]:
        """Note one node of a graph; returns the graphs that it runs."""
        machine = self._machine
        machine.begin()
        results: list[Value] = []
        with machine.steps.guarded(f"{added.file}:{added.line}") as reading:
            results.append(start(machine, added, state))
        if state is _STATE:
            self._travels.note(graph, join(results))
            if machine.events or machine.reached:
                self._added[added] = graph
        agents = [a for a in added.action if isinstance(a, Agent)]
        key = (added.file, added.line, added.name)
        known = self._events.setdefault(key, {})
        known.update(dict.fromkeys([*machine.events, *(a.event for a in agents)]))
        events = list(known)
        function = _function(machine, added)
        runs = [*machine.reached, *(a for a in added.action if isinstance(a, Graph | Agent))]
        self._routes.of_node(added, function)
        self._steering += [(event.steers, (added.name,)) for event in events]
        node = Node(
            name=added.name, graph_file=added.file, line=added.line,
            function=function.name if function else added.source,
            file=function.scope.file if function else added.file,
            first_line=function.node.lineno if function else added.line,
            last_line=(function.node.end_lineno or 0) if function else added.line,
            is_llm=bool(events), why=self._why(added, events, reading.finished), graph=added.graph,
            runs=tuple(dict.fromkeys(g.where if isinstance(g, Graph) else f"{g.file}:{g.line}" for g in runs)),
        )  # fmt: skip
        self._nodes[key] = self._inventory.complete(node, events)
        return [g for g in runs if g not in added.action or isinstance(g, Graph)]

    def _add_agent(self, agent: Agent) -> None:
        why = f"{agent.what} calls its model in the node {agent.name}"
        place = (agent.file, agent.line)
        node = Node(
            agent.name, *place, agent.what, *place, agent.end_line, True, why, graph=f"{agent.file}:{agent.line}"
        )
        self._steering.append((agent.event.steers, (agent.name,)))
        events = self._agents.setdefault((agent.file, agent.line, agent.name), {})
        events[agent.event] = None
        self._nodes[agent.file, agent.line, agent.name] = self._inventory.complete(node, events)

    def _why(self, added: Added, events: list[CallEvent], finished: bool) -> str:
        if events:
            return f"calls {events[0].what} at {events[0].where}"
        if any(isinstance(a, Graph) for a in added.action):
            return f"runs the subgraph {added.source}"
        if self._machine.subgraphs:
            return f"makes no model call of its own; runs {self._machine.subgraphs[0]}"
        if all(isinstance(a, Data) for a in added.action):
            self._notes[f"{added.file}:{added.line}: what node {added.name} runs is not known: {added.source}"] = None
            return f"unresolved: {added.source} cannot be followed"
        return "makes no model call" if finished else f"unresolved: {added.source} is too complex to be followed"

    def result(self, entry: str) -> Discovery:
        """All that was found."""
        for file, reason in self._machine.files.unreadable.items():
            self._notes[f"{file}{f':{reason.line}' if reason.line else ''}: cannot be read: {reason.message}"] = None
        for file, mistakes in self._machine.files.left.items():
            for left in mistakes:
                lines = f"lines {left.first} to {left.last} are" if left.last > left.first else f"line {left.first} is"
                self._notes[f"{file}:{left.line}: cannot be read: {left.why}; {lines} left out"] = None
        self._notes.update(self._machine.steps.cut)
        self._routes.of_tools([*self._steering, *((tools, ()) for tools in self._machine.tools)])
        nodes = tuple(self._nodes.values())
        prompts = with_twins(self._machine.files, tuple(self._inventory.prompts.values()))
        steering = steers(self._machine, self._steering)
        notes, digest = tuple(self._notes), self._machine.files.digest()
        return Discovery(entry, nodes, prompts, notes, self._routes.edges, self._routes.asides, steering, digest)


def _function(machine: Machine, added: Added) -> Function | None:
    for atom in added.action:
        if isinstance(atom, Function):
            return atom
        if isinstance(atom, Instance):
            return next((a for a in machine.in_class(atom.of, "__call__") if isinstance(a, Function)), None)
    return None
