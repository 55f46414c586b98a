"""Texts that steer a model beside its prompts: docstrings of tools, descriptions in the forms of replies."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from harness.discover.machine import Machine
from harness.discover.objects import lineage
from harness.discover.routes import each
from harness.discover.values import Class, External, Function, Instance, Record, Scope, Table, Text, Value, one_string
from harness.types import Steer, SteerKind


@dataclass(frozen=True, slots=True)
class _Found:
    kind: SteerKind
    name: str
    where: str
    text: str


def steers(machine: Machine, sent: Iterable[tuple[Value, tuple[str, ...]]]) -> tuple[Steer, ...]:
    """Each text once; ``sent`` holds tools and forms with the nodes whose model is sent them."""
    found: dict[_Found, dict[str, None]] = {}
    for value, nodes in sent:
        for item in each(value):
            for text in _of(machine, item):
                found.setdefault(text, {}).update(dict.fromkeys(nodes))
    return tuple(Steer(t.kind, t.name, t.where, t.text, tuple(nodes)) for t, nodes in found.items())


def _of(machine: Machine, item: object) -> Iterator[_Found]:
    if isinstance(item, Function):
        yield from _of_function(machine, item)
    elif isinstance(item, Class):
        yield from _of_tool_class(machine, item) if _is_tool(item) else _of_form(machine, item, "form", set())
    elif isinstance(item, Instance):
        yield from _of_tool_class(machine, item.of) if _is_tool(item.of) else ()
    elif isinstance(item, Record):
        yield from _of_record(machine, item)
    elif isinstance(item, Table):
        yield from _of_table(item, one_string(item.entries.get("name", ())) or "tool", set())


def _of_function(machine: Machine, function: Function) -> Iterator[_Found]:
    """A tool as a function: its docstring, or what its decorator says instead, and the words on its arguments."""
    node, file = function.node, function.scope.file
    if isinstance(node, ast.Lambda):
        return
    given = {k.arg: k.value for d in node.decorator_list if isinstance(d, ast.Call) for k in d.keywords if k.arg}
    told = _text(machine, given.get("description"), function.scope)
    doc = ast.get_docstring(node)
    if told:
        yield _Found("tool", node.name, f"{file}:{given['description'].lineno}", told)
    elif doc:
        yield _Found("tool", node.name, f"{file}:{node.body[0].lineno}", doc)
    if "args_schema" in given:
        yield from _of_schema(machine, machine.evaluate(given["args_schema"], function.scope))
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        for where, text in _annotated(machine, argument.annotation, function.scope):
            yield _Found("argument", f"{node.name}({argument.arg})", f"{file}:{where}", text)


def _of_tool_class(machine: Machine, of: Class) -> Iterator[_Found]:
    """A subclass of the library's tool: its description, and the form of its arguments."""
    for statement in of.node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        target, value = targets[0], getattr(statement, "value", None)
        if isinstance(target, ast.Name) and target.id == "description" and value is not None:
            told = _text(machine, value, of.body)
            if told:
                yield _Found("tool", of.node.name, f"{of.body.file}:{value.lineno}", told)
    yield from _of_schema(machine, machine.in_class(of, "args_schema"))


def _of_record(machine: Machine, made: Record) -> Iterator[_Found]:
    functions = [atom for atom in made.attributes.get("func", ()) if isinstance(atom, Function)]
    name = one_string(made.attributes.get("name", ())) or next((f.name for f in functions), "tool")
    described = list(_described(made.attributes.get("description", ()), name))
    yield from described
    for function in functions:
        yield from (found for found in _of_function(machine, function) if not described or found.kind != "tool")
    yield from _of_schema(machine, made.attributes.get("args_schema", ()))


def _of_schema(machine: Machine, value: Value) -> Iterator[_Found]:
    for atom in value:
        if isinstance(atom, Class):
            yield from (replace(found, kind="argument") for found in _of_form(machine, atom, "form", set()))


def _of_form(machine: Machine, of: Class, kind: SteerKind, seen: set[int]) -> Iterator[_Found]:
    """A class that a reply is made of: its docstring, the descriptions of its fields, and the classes inside it."""
    if id(of.node) in seen:
        return
    seen.add(id(of.node))
    doc, file = ast.get_docstring(of.node), of.body.file
    if doc:
        yield _Found(kind, of.node.name, f"{file}:{of.node.body[0].lineno}", doc)
    for base in (atom for value in of.bases for atom in value if isinstance(atom, Class)):
        yield from (found for found in _of_form(machine, base, kind, seen) if found.kind == "field")
    for statement in of.node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = f"{of.node.name}.{statement.target.id}"
        for line, text in (
            *_field(machine, statement.value, of.body),
            *_annotated(machine, statement.annotation, of.body),
        ):
            yield _Found("field", name, f"{file}:{line}", text)
        for inner in _classes(machine, statement.annotation, of.body):
            yield from _of_form(machine, inner, kind, seen)


def _field(machine: Machine, value: ast.expr | None, scope: Scope) -> Iterator[tuple[int, str]]:
    """(line, text) of the description in ``Field(..., description=...)``."""
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg == "description":
                text = _text(machine, keyword.value, scope)
                if text:
                    yield keyword.value.lineno, text


def _annotated(machine: Machine, annotation: ast.expr | None, scope: Scope) -> Iterator[tuple[int, str]]:
    """(line, text) of each description inside ``Annotated[...]``."""
    if not isinstance(annotation, ast.Subscript) or ast.unparse(annotation.value).rpartition(".")[2] != "Annotated":
        return
    inner = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else []
    for element in inner[1:]:
        if isinstance(element, ast.Constant) and isinstance(element.value, str):
            yield element.lineno, element.value
        yield from _field(machine, element, scope)


def _classes(machine: Machine, annotation: ast.expr, scope: Scope) -> Iterator[Class]:
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            yield from (atom for atom in machine.evaluate(node, scope) if isinstance(atom, Class))


def _of_table(table: Table, name: str, seen: set[int]) -> Iterator[_Found]:
    """A schema written as a dict: every description in it."""
    if id(table) in seen:
        return
    seen.add(id(table))
    for key, value in table.entries.items():
        if key == "description":
            yield from _described(value, name)
        for atom in value:
            if isinstance(atom, Table):
                yield from _of_table(atom, one_string(atom.entries.get("name", ())) or _inside(name, key), seen)


def _inside(name: str, key: str) -> str:
    return name if key in ("function", "parameters", "properties", "input_schema") else f"{name}.{key}"


def _described(value: Value, name: str) -> Iterator[_Found]:
    for atom in value:
        if isinstance(atom, Text) and atom.static and atom.fragments:
            span = atom.fragments[0].span
            yield _Found("tool" if "." not in name else "argument", name, f"{span.file}:{span.line}", atom.static)


def _text(machine: Machine, node: ast.expr | None, scope: Scope) -> str | None:
    return one_string(machine.evaluate(node, scope)) if node is not None else None


def _is_tool(of: Class) -> bool:
    return any(isinstance(b, External) and b.path.rpartition(".")[2] == "BaseTool" for b in lineage(of))
