"""Where a reading begins: the graphs behind an entry, the function behind a node."""

from __future__ import annotations

import ast
import difflib

from harness.discover.machine import Machine
from harness.discover.objects import Invocation
from harness.discover.values import (
    Added,
    Agent,
    Chain,
    Function,
    Graph,
    Instance,
    Method,
    Model,
    Module,
    Scope,
    Template,
    Value,
    join,
)
from harness.errors import UserError

MAKERS = (
    "StateGraph", "MessageGraph", "create_react_agent", "create_agent", "create_supervisor", "create_swarm",
    "create_deep_agent", "async_create_deep_agent",
)  # fmt: skip
OLDEST = "Graph"  # the graph of the first LangGraph takes no arguments, and other libraries have its name
BUILDERS = (*MAKERS, f"{OLDEST}()", "langgraph.func")


def graphs_of(machine: Machine, entry: str) -> list[Graph | Agent]:
    """The graphs that "path.py:name" stands for; a factory is read as if called without arguments.

    Raises UserError when there is no such file or name.
    """
    return graphs_in(machine, bound(machine, entry, entry))


def bound(machine: Machine, entry: str, where: str) -> Value:
    """What the name of "path.py:name" holds. Raises UserError when there is no such file or name."""
    file, _, name = entry.partition(":")
    if left := machine.files.mistake(file):
        raise UserError(f"not Python: {left.why}", where=f"{file}:{left.line}", fix="mend this line")
    if machine.files.get(file) is None:
        reason = machine.files.unreadable.get(file)
        if reason and reason.line:
            raise UserError(f"not Python: {reason.message}", where=f"{file}:{reason.line}", fix="mend this line")
        problem = f"cannot be read: {reason}" if reason else "does not exist"
        fix = 'name the graph as "path.py:name", relative to the repository'
        raise UserError(f"the graph's file {file!r} {problem}", where=where, fix=fix)
    names = machine.module(file).names
    if name not in names:
        near = difflib.get_close_matches(name, names, 1) or [n for n in names if graphs_in(machine, names[n])][:1]
        fix = f'did you mean "{file}:{near[0]}"?' if near else "name the compiled graph or a function that returns it"
        raise UserError(f"{file} has no name {name!r}", where=where, fix=fix)
    return machine.member(Module(file), name)


def graphs_in(machine: Machine, value: Value) -> list[Graph | Agent]:
    """Graphs among the alternatives, and those that functions among them return."""
    found: list[Graph | Agent] = []
    for atom in value:
        if isinstance(atom, Graph | Agent):
            found.append(atom)
        elif isinstance(atom, Function) and not atom.tag:
            with machine.steps.guarded(f"{atom.scope.file}:{atom.node.lineno}"):
                found += [a for a in machine.run(atom, (), {}) if isinstance(a, Graph | Agent)]
    return found


def start(machine: Machine, added: Added, state: Value) -> Value:
    """Read what a node runs, as LangGraph would call it with a state; what it gives back."""
    call = Invocation(
        f"{added.file}:{added.line}", added.source, ast.Constant(None), Scope(added.file, ""), (state,), {}
    )
    machine.running = True
    results: list[Value] = []
    for atom in added.action:
        if isinstance(atom, Function):
            results.append(machine.run(atom, (state,), {}))
        elif isinstance(atom, Model | Chain | Template):
            results.append(machine.apply(Method(atom, "invoke", added.source), call))
        elif isinstance(atom, Method | Instance):
            results.append(machine.apply(atom, call))
    return join(results)
