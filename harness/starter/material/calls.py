"""Calls of the app with literal inputs, in tests, scripts and code blocks, and what the asserts behind them expect.

Read by ``ast``, never run. A call counts when its input fits the state of the graph; where the state is not known, when
the thing that is called is named like a graph.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from harness.discover import Keys
from harness.starter.material import constants
from harness.starter.material.constants import Env, UnknownError
from harness.starter.material.found import Found
from harness.types import Json

_CALLS = {"invoke", "ainvoke", "stream", "astream", "astream_events", "batch", "abatch"}
_NOT_APPS = re.compile(r"(?i)llm|model|chain|retriev|tool|prompt|parser|judge|embed|grader|runnable_|template|rag_")
_APPS = re.compile(r"(?i)(compiled_?|my_?|the_?|self\.)?_?(graph|app|agent|workflow)")  # names for whatever the app is
_MOST = 300  # inputs that loops and parameters may make of one call
_HINT = 200  # characters

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class _Place:
    """One call of the app."""

    call: ast.Call
    result: str  # name that the result is given to, "" when to none
    loops: tuple[ast.For | ast.AsyncFor, ...]  # around the call, in the same function


def examples(tree: ast.Module, file: str, keys: Keys, entry: str, first: int = 1) -> Iterator[Found]:
    """Every input that the app is called with in a file, in order. ``first`` is the line that the tree begins on."""
    name = entry.rpartition(":")[2]
    outer = constants.names(tree.body)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for scope in (tree, *functions):
        statements = list(_own(scope))
        for place in sorted(_calls(statements), key=lambda found: found.call.lineno):
            for env in _bindings(scope, statements, place, outer):
                yield from _read(place, env, statements, keys, name, f"{file}:{place.call.lineno + first - 1}")


def _own(scope: Scope) -> Iterator[ast.stmt]:
    """The statements of a scope with those inside its blocks, functions and classes left out."""
    waiting: list[ast.AST] = list(reversed(scope.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.stmt):
            yield node
        inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt | ast.ExceptHandler)]
        waiting += reversed(inner)


def _calls(statements: Sequence[ast.stmt]) -> Iterator[_Place]:
    loops = [found for found in statements if isinstance(found, ast.For | ast.AsyncFor)]
    seen: set[int] = set()
    for statement in reversed(statements):  # a call belongs to the innermost statement that holds it
        for node in ast.walk(statement):
            is_app = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS
            if isinstance(node, ast.Call) and is_app and id(node) not in seen:
                seen.add(id(node))
                around = tuple(loop for loop in loops if any(node is inner for inner in ast.walk(loop)))
                yield _Place(node, _target(statement), around)


def _target(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ""


def _bindings(scope: Scope, statements: Sequence[ast.stmt], place: _Place, outer: Env) -> Iterator[Env]:
    """The names that are known at a call, once for each value of the loops and of the parameters around it."""
    before = [found for found in statements if found.lineno < place.call.lineno]
    sets: list[list[dict[str, Json]]] = [] if isinstance(scope, ast.Module) else [*_parameters(scope, outer)]
    for loop in place.loops:
        if (values := _values(loop.iter, constants.names(before, outer))) is not None:
            sets.append([_bound(loop.target, item) for item in values])
    for number, chosen in enumerate(product(*sets)):
        if number >= _MOST:
            return
        bound = {**outer, **{name: item for one in chosen for name, item in one.items()}}
        yield constants.names(before, bound)


def _values(node: ast.expr, env: Env) -> list[Json] | None:
    try:
        found = constants.value(node, env)
    except UnknownError:
        return None
    return found if isinstance(found, list) else None


def _bound(target: ast.expr, item: Json) -> dict[str, Json]:
    if isinstance(target, ast.Name):
        return {target.id: item}
    names = [name.id for name in target.elts if isinstance(name, ast.Name)] if isinstance(target, ast.Tuple) else []
    return dict(zip(names, item, strict=True)) if isinstance(item, list) and len(item) == len(names) else {}


def _parameters(scope: ast.FunctionDef | ast.AsyncFunctionDef, env: Env) -> Iterator[list[dict[str, Json]]]:
    """What each ``pytest.mark.parametrize`` above a function gives it."""
    for mark in scope.decorator_list:
        if not (isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("parametrize") and len(mark.args) >= 2):
            continue
        try:
            told = constants.value(mark.args[0], env)
        except UnknownError:
            continue
        names = [name.strip() for name in told.split(",")] if isinstance(told, str) else told
        found = [_row(names, item, env) for item in getattr(mark.args[1], "elts", [])]
        if rows := [row for row in found if row]:
            yield rows


def _row(names: Sequence[str], item: ast.expr, env: Env) -> dict[str, Json]:
    if isinstance(item, ast.Call) and ast.unparse(item.func).endswith("param"):
        item = ast.Tuple(item.args) if len(names) > 1 else item.args[0] if item.args else item
    try:
        found = constants.value(item, env)
    except UnknownError:
        return {}
    values = found if len(names) > 1 else [found]
    return dict(zip(names, values, strict=True)) if isinstance(values, list) and len(values) == len(names) else {}


def _read(
    place: _Place, env: Env, statements: Sequence[ast.stmt], keys: Keys, name: str, where: str
) -> Iterator[Found]:
    call = place.call
    receiver = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "input"]
    first = next(iter((*call.args[:1], *named)), None)
    if first is None:
        return
    is_batch = isinstance(call.func, ast.Attribute) and call.func.attr in ("batch", "abatch")
    for given in _inputs(first, env, is_batch=is_batch):
        if _fits(given, receiver, keys, name):
            expected, holds, hint = _asserted(place, statements, env)
            yield Found(given, where, expected if set(expected) <= set(keys.fields) else {}, holds, hint)


def _inputs(node: ast.expr, env: Env, *, is_batch: bool) -> Iterator[Json]:
    """The inputs as far as they are literal: of a table those keys that are."""
    if is_batch:
        yield from _values(node, env) or ()
        return
    try:
        yield constants.value(node, env)
        return
    except UnknownError:
        pass
    found: dict[str, Json] = {}
    for key, item in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            try:
                found[key.value] = constants.value(item, env)
            except UnknownError:
                continue
    if found:
        yield found


def _fits(given: Json, receiver: str, keys: Keys, name: str) -> bool:
    last = receiver.rpartition(".")[2]
    if last != name and _NOT_APPS.search(last):
        return False
    is_app = last == name or _APPS.fullmatch(last) is not None
    if isinstance(given, str):
        return bool(given.strip()) and is_app and not keys.fields
    if not isinstance(given, dict) or not given:
        return False
    return set(given) <= set(keys.fields) and _says(given) if keys.fields else is_app and _says(given)


def _says(given: Json) -> bool:
    """Whether there is a text or a number in it somewhere: an empty state asks nothing."""
    if isinstance(given, dict | list):
        return any(map(_says, given.values() if isinstance(given, dict) else given))
    return bool(given.strip() if isinstance(given, str) else given)


def _asserted(place: _Place, statements: Sequence[ast.stmt], env: Env) -> tuple[dict[str, Json], tuple[str, ...], str]:
    """What asserts behind a call say of its result: fields that equal a value, texts that it holds, and else a hint."""
    expected: dict[str, Json] = {}
    holds: list[str] = []
    hints: list[str] = []
    for statement in statements:
        if statement.lineno <= place.call.lineno or not place.result:
            continue
        if _target(statement) == place.result:
            break
        if isinstance(statement, ast.Assert) and _speaks_of(statement.test, place.result):
            found = _equality(statement.test, place.result, env)
            text = _held(statement.test, env)
            expected |= found
            holds += [text] if text else []
            hints += [] if found or text else [ast.unparse(statement)[:_HINT]]
    return expected, tuple(dict.fromkeys(holds)), "; ".join(hints)[:_HINT]


def _speaks_of(test: ast.expr, result: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == result for node in ast.walk(test))


def _equality(test: ast.expr, result: str, env: Env) -> dict[str, Json]:
    """``{"intent": "billing"}`` of ``result["intent"] == "billing"``."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return {}
    for one, other in ((test.left, test.comparators[0]), (test.comparators[0], test.left)):
        is_field = isinstance(one, ast.Subscript) and isinstance(one.value, ast.Name) and one.value.id == result
        if is_field and isinstance(one, ast.Subscript):
            try:
                field, wanted = constants.value(one.slice, env), constants.value(other, env)
            except UnknownError:
                return {}
            return {field: wanted} if isinstance(field, str) else {}
    return {}


def _held(test: ast.expr, env: Env) -> str:
    """ "harrison" of ``"harrison" in str(result).lower()``."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.In)):
        return ""
    try:
        found = constants.value(test.left, env)
    except UnknownError:
        return ""
    return found if isinstance(found, str) else ""
