"""The code that builds graphs and that nothing read so far has called.

It is read as its callers in the repository call it where there are such: so the models and texts given to it are known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from harness.discover.machine import Machine
from harness.discover.objects import Invocation
from harness.discover.starts import MAKERS, OLDEST
from harness.discover.values import Class, Function, Instance, Scope

_FURTHEST = 2  # callers of callers
_Wanted = Callable[[ast.AST], bool]


def unread(machine: Machine, file: str) -> None:
    """Read functions and classes of a file that make graphs or agents not met yet."""
    for made in list(_definitions(machine, file)):
        if _builds(machine, made.node, file):
            _call_callers(machine, made, _FURTHEST)
            machine.begin()
            with machine.steps.guarded(f"{file}:{made.node.lineno}"):
                _read(machine, made, lambda node: _builds(machine, node, file))
    _read_main(machine, file)


def _definitions(machine: Machine, file: str) -> Iterator[Function | Class]:
    scope = machine.module(file)
    for value in list(scope.names.values()):
        for atom in value:
            function = isinstance(atom, Function) and atom.scope is scope and not atom.tag
            if function or (isinstance(atom, Class) and atom.body.outer is scope):
                yield atom  # type: ignore[misc]


def _call_callers(machine: Machine, made: Function | Class, furthest: int) -> None:
    """Read what calls a function or class that is lost without its arguments."""
    name = made.node.name if isinstance(made, Class) else made.name
    if not furthest or not _needs_arguments(made):
        return
    for file in machine.files.containing((name,)):
        for caller in list(_definitions(machine, file)):
            if caller.node is not made.node and _calls(caller.node, name):
                _call_callers(machine, caller, furthest - 1)
                machine.begin()
                with machine.steps.guarded():  # the code itself is read next, with less known of it
                    _read(machine, caller, lambda node: _calls(node, name))


def _needs_arguments(made: Function | Class) -> bool:
    node: ast.AST | None = made.node
    if isinstance(made, Class):
        node = next((s for s in made.node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return False
    plain = len(node.args.posonlyargs) + len(node.args.args) - isinstance(made, Class)
    return plain > len(node.args.defaults) or any(default is None for default in node.args.kw_defaults)


def _read(machine: Machine, made: Function | Class, wanted: _Wanted) -> None:
    """Call a function, or make an object and call its wanted methods, without arguments."""
    if not wanted(made.node):
        return
    if isinstance(made, Function):
        machine.run(made, (), {})
        return
    file = made.body.file
    call = Invocation(f"{file}:{made.node.lineno}", made.node.name, ast.Constant(None), Scope(file, ""), (), {})
    objects = [a for a in machine.apply(made, call) if isinstance(a, Instance)]
    for name in list(made.body.names):
        for atom in machine.in_class(made, name):
            if isinstance(atom, Function) and objects and wanted(atom.node):
                machine.run(Function(atom.node, atom.scope, ((objects[0],),)), (), {})


def _read_main(machine: Machine, file: str) -> None:
    """What a script does when it is started, where it makes a graph of its own; its names stay inside."""
    found = machine.files.get(file)
    for statement in found.tree.body if found else []:
        if not isinstance(statement, ast.If) or "__main__" not in ast.unparse(statement.test):
            continue
        if _builds(machine, statement, file):
            machine.begin()
            with machine.steps.guarded(f"{file}:{statement.lineno}"):
                machine.execute(statement.body, Scope(file, "", outer=machine.module(file)))


def _calls(node: ast.AST, name: str) -> bool:
    return any(isinstance(call, ast.Call) and _called(call) == name for call in ast.walk(node))


def _called(call: ast.Call) -> str:
    func = call.func.value if isinstance(call.func, ast.Subscript) else call.func
    return str(getattr(func, "attr", getattr(func, "id", "")))


def _builds(machine: Machine, node: ast.AST, file: str) -> bool:
    """Whether the code makes a graph or agent that was not met yet."""
    met = {g.where for g in machine.graphs} | {f"{a.file}:{a.line}" for a in machine.agents}
    return any(f"{file}:{line}" not in met for line in _making_lines(node))


def _making_lines(node: ast.AST) -> Iterator[int]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and (_called(call) in MAKERS or (_called(call) == OLDEST and not call.args)):
            func = call.func.value if isinstance(call.func, ast.Subscript) else call.func
            yield func.end_lineno or call.lineno if isinstance(func, ast.Attribute) else call.lineno
