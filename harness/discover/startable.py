"""Whether what an entry names can be started, as far as reading tells. Starts nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from harness.discover.machine import Machine
from harness.discover.starts import BUILDERS, bound, graphs_in
from harness.discover.values import Const, Function, Text
from harness.errors import UserError

_CONFIGS = ("config", "runtime")
_CONFIG_TYPES = ("RunnableConfig", "dict", "Dict", "Mapping", "Runtime")


def checked(machine: Machine, entry: str, where: str) -> str:
    """``entry`` ("path.py:name") itself. Raises UserError for a file or name that is not there, a value that is no
    graph, and a factory that a run cannot call."""
    value = bound(machine, entry, where)
    file, _, name = entry.partition(":")
    functions = [atom for atom in value if isinstance(atom, Function)]
    if functions and len(functions) == len(value):
        missing = _unfilled(functions[0])
        if missing:
            said = f"the factory {name} needs arguments ({', '.join(missing)}), and a run has none to give"
            raise UserError(said, where=f"{file}:{functions[0].node.lineno}", fix="give them defaults")
    if value and all(isinstance(atom, Const | Text) for atom in value):
        fix = "name the compiled graph, or a function that returns it"
        raise UserError(f"{entry} holds a plain value, no graph", where=where, fix=fix)
    return entry


def lacking(function: Function) -> tuple[str, ...]:
    """Names of the arguments that have neither a default nor a bound value, in order."""
    spec = function.node.args
    plain = (*spec.posonlyargs, *spec.args)
    needed = list(plain[: len(plain) - len(spec.defaults)])
    needed += [arg for arg, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None]
    given = {arg.arg for arg in plain[: len(function.args)]} | {key for key, _ in function.kwargs}
    return tuple(arg.arg for arg in needed if arg.arg not in given)


def needy(machine: Machine) -> Iterator[str]:
    """Functions that return a graph and cannot be called without arguments: "graph.py:12 make(model, speed)"."""
    for file in machine.files.containing(BUILDERS):
        machine.begin()
        for value in list(machine.module(file).names.values()):
            for atom in value:
                own = isinstance(atom, Function) and atom.scope.file == file and not atom.tag
                if isinstance(atom, Function) and own and lacking(atom) and graphs_in(machine, (atom,)):
                    yield f"{file}:{atom.node.lineno} {atom.name}({', '.join(lacking(atom))})"


def _unfilled(function: Function) -> tuple[str, ...]:
    """What a start cannot fill: LangGraph gives a factory one argument at most, its config or its runtime."""
    missing = lacking(function)
    spec = function.node.args
    alone = [arg for arg in (*spec.posonlyargs, *spec.args) if (arg.arg,) == missing]
    return () if function.tag or any(map(_is_config, alone)) else missing


def _is_config(argument: ast.arg) -> bool:
    """Whether an argument is LangGraph's own, by its name or its annotation."""
    written = ast.unparse(argument.annotation) if argument.annotation else ""
    return argument.arg in _CONFIGS or any(word in written for word in _CONFIG_TYPES)
