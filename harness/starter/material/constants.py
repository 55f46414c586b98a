"""Python expressions that are data, evaluated without running anything: literals, names of literals, messages.

Knows the message classes by their names; imports none of them.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterable, Mapping

from harness.types import Json

_ROLES = {"HumanMessage": "user", "SystemMessage": "system", "AIMessage": "assistant"}
_ROWS = {"Sample", "Example", "TestCase", "dict"}  # constructors whose keywords are the fields of a row
_TEXT_METHODS: Mapping[str, Callable[[str], str]] = {"strip": str.strip, "rstrip": str.rstrip, "lower": str.lower}
_LARGEST = 1_000_000  # characters of one text
_LONGEST = 10_000  # items of a sum of lists

Env = Mapping[str, Json]  # names with the data that they hold


class UnknownError(ValueError):
    """The expression is no data."""


def value(node: ast.expr, env: Env) -> Json:
    """The data that an expression stands for. Raises UnknownError."""
    try:
        return _value(node, env)
    except RecursionError as error:
        raise UnknownError("nested too deeply") from error


def names(statements: Iterable[ast.stmt], env: Env = {}) -> dict[str, Json]:  # noqa: B006 - never changed
    """The names that these statements give data to, on top of ``env``; what else a name comes to hold is not known."""
    found = dict(env)
    for statement in statements:
        target, given = _assigned(statement)
        if target is None or given is None:
            continue
        try:
            found[target] = value(given, found)
        except UnknownError:
            found.pop(target, None)
    return found


def _assigned(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        first = statement.targets[0]
        return (first.id, statement.value) if isinstance(first, ast.Name) else (None, None)
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, statement.value
    return None, None


def _value(node: ast.expr, env: Env) -> Json:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return node.value
    if isinstance(node, ast.Name) and node.id in env:
        return env[node.id]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_value(item, env) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _table(node, env)
    if isinstance(node, ast.JoinedStr):
        return _short("".join(_piece(part, env) for part in node.values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _value(node.operand, env)
        if isinstance(number, int | float):
            return -number
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _sum(_value(node.left, env), _value(node.right, env))
    if isinstance(node, ast.Subscript):
        return _item(_value(node.value, env), _value(node.slice, env))
    if isinstance(node, ast.Call):
        return _call(node, env)
    raise UnknownError(ast.dump(node)[:80])


def _table(node: ast.Dict, env: Env) -> Json:
    found: dict[str, Json] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        name = None if key is None else _value(key, env)
        if not isinstance(name, str):
            raise UnknownError("a key that is no text")
        found[name] = _value(item, env)
    return found


def _piece(part: ast.expr, env: Env) -> str:
    """One piece of an f-string."""
    if isinstance(part, ast.FormattedValue):
        found = _value(part.value, env)
        if part.format_spec is None and part.conversion == -1 and isinstance(found, str | int | float):
            return str(found)
        raise UnknownError("a formatted value")
    return str(_value(part, env))


def _sum(left: Json, right: Json) -> Json:
    if isinstance(left, str) and isinstance(right, str):
        return _short(left + right)
    if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) <= _LONGEST:
        return left + right
    raise UnknownError("a sum of neither texts nor lists")


def _short(text: str) -> str:
    if len(text) > _LARGEST:
        raise UnknownError("too long")
    return text


def _item(of: Json, key: Json) -> Json:
    try:
        return of[key]
    except (KeyError, IndexError, TypeError) as error:
        raise UnknownError("no such item") from error


def _call(node: ast.Call, env: Env) -> Json:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _ROLES:
        return {"role": _ROLES[name], "content": _value(_first(node, "content"), env)}
    if name in _ROWS and not node.args and node.keywords and all(keyword.arg for keyword in node.keywords):
        return {str(keyword.arg): _value(keyword.value, env) for keyword in node.keywords}
    if name in ("dedent", "cleandoc") and len(node.args) == 1:
        return textwrap.dedent(_text(_value(node.args[0], env)))
    if name in _TEXT_METHODS and isinstance(node.func, ast.Attribute) and not node.args:
        return _TEXT_METHODS[name](_text(_value(node.func.value, env)))
    raise UnknownError(name)


def _first(node: ast.Call, name: str) -> ast.expr:
    named = [keyword.value for keyword in node.keywords if keyword.arg == name]
    if not (node.args or named):
        raise UnknownError(f"no {name}")
    return (*node.args, *named)[0]


def _text(found: Json) -> str:
    if not isinstance(found, str):
        raise UnknownError("no text")
    return found
