"""A copy of a named text for one function: a second constant next to the first, and the names of that function changed.

Works on the code alone and moves no character that it need not. Whether the copy is what reaches the model, and the
first one still all the others, is for the caller to read again: names may come another way than they are written here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.changes.refusals import Refused, where_of
from harness.sources import Source, UnreadableError
from harness.types import Node, Span

BY_HAND = "make the copy by hand and try it with `harness try`"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Edit = tuple[int, int, str]  # from byte, to byte, what is to stand there


def split(tree: Path, place: Span, node: Node) -> Mapping[str, bytes]:
    """The files, by name, in which ``node`` has a copy of its own of the text at ``place``. Writes nothing.

    Raises Refused where the text has no name at the top level of a program, or the node's function does not use it.
    """
    home = _read(tree, place)
    statement, name = _named(home, place)
    user = home if node.file == place.file else _read(tree, Span(node.file, 0, 0, node.first_line, node.last_line))
    new = _fresh(name, node, home.text + user.text)
    uses, imports = _uses(user, node, name, new)
    if not uses:
        raise Refused(
            f"{node.function}() of the node {node.name} does not name {name} itself: a copy cannot be put there",
            where=f"{node.file}:{node.first_line}",
            fix=f"use {name} in that function, or {BY_HAND}",
        )
    copy = _copied(home, place, statement, name, new)
    if user is home:
        return {place.file: _with(home, [*uses, copy])}
    return {place.file: _with(home, [copy]), node.file: _with(user, [*uses, *imports])}


def _read(tree: Path, place: Span) -> Source:
    try:
        if not place.file.endswith(".py"):
            raise UnreadableError("only a constant of a Python file can be copied")
        return Source.read(tree / place.file)
    except (OSError, UnreadableError) as error:
        raise Refused(f"the text cannot be split: {error}", where=where_of(place), fix=BY_HAND) from error


def _named(source: Source, place: Span) -> tuple[ast.stmt, str]:
    """The statement that gives the text its one name at the top level."""
    for statement in source.tree().body:
        if statement.lineno <= place.line and (statement.end_lineno or 0) >= place.end_line:
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            if len(targets) == 1 and isinstance(targets[0], ast.Name) and not statement.col_offset:
                return statement, targets[0].id
    raise Refused(
        "the text has no name of its own at the top level of its file, so that a copy would have none",
        where=where_of(place),
        fix=f"assign it to a name there, or {BY_HAND}",
    )


def _fresh(name: str, node: Node, taken: str) -> str:
    """A name for the copy that stands nowhere in the files yet."""
    tail = re.sub(r"\W+", "_", node.name).strip("_")
    base = f"{name}_{tail.upper() if name.isupper() else tail}"
    numbered = (base, *(f"{base}_{number}" for number in range(2, 100)))
    return next(one for one in numbered if not re.search(rf"\b{one}\b", taken))


def _copied(source: Source, place: Span, statement: ast.stmt, name: str, new: str) -> _Edit:
    """The same statement once more behind the first, under the new name."""
    last = statement.end_lineno or statement.lineno
    text = source.written(source.offset(statement.lineno, 0), source.offset(last, statement.end_col_offset or 0))
    _check_alone(source, place, last, statement.end_col_offset or 0)
    return _behind(source, last, new + text[len(name) :])


def _check_alone(source: Source, place: Span, line: int, column: int) -> None:
    ends = source.places[line] if line < len(source.places) else len(source.raw)
    rest = source.written(source.offset(line, column), ends).strip()
    if rest and not rest.startswith("#"):
        raise Refused("another statement stands on the same line", where=f"{place.file}:{line}", fix=BY_HAND)


def _behind(source: Source, line: int, code: str) -> _Edit:
    """A line of its own behind ``line``."""
    if line < len(source.places):
        at = source.places[line]
        return at, at, f"{code}{source.newline}"
    return len(source.raw), len(source.raw), f"{source.newline}{code}"


def _uses(source: Source, node: Node, name: str, new: str) -> tuple[list[_Edit], list[_Edit]]:
    """What changes in the node's function, and the import that the new name needs."""
    imports = [found for one in ast.walk(source.tree()) for found in _imported(source, node, one, name, new)]
    edits, needed = [], []
    for use in _names(source, node):
        word = use.id if isinstance(use, ast.Name) else use.attr
        alias = next((edit for local, edit in imports if local == word), None) if isinstance(use, ast.Name) else None
        if word != name and alias is None:
            continue
        span = source.span(node.file, use)
        start = span.end - len(word.encode(source.encoding))
        if source.raw[start : span.end].decode(source.encoding, "replace") != word:
            where = f"{node.file}:{use.lineno}"
            raise Refused(f"{word} stands inside an f-string, whose places are not known", where=where, fix=BY_HAND)
        edits.append((start, span.end, new))
        needed += [alias] if alias else []
    return edits, list(dict.fromkeys(needed))


def _names(source: Source, node: Node) -> Iterator[ast.Name | ast.Attribute]:
    """Names that are read in the node's function."""
    for function in ast.walk(source.tree()):
        if isinstance(function, _FUNCTIONS) and function.lineno == node.first_line:
            for inner in ast.walk(function):
                if isinstance(inner, ast.Name | ast.Attribute) and isinstance(inner.ctx, ast.Load):
                    yield inner
            return


def _imported(source: Source, node: Node, one: ast.AST, name: str, new: str) -> Iterator[tuple[str, _Edit]]:
    """The local name of an import of ``name``, with the import of the new one that is to stand behind it."""
    if not isinstance(one, ast.ImportFrom) or name not in {alias.name for alias in one.names}:
        return
    last = one.end_lineno or one.lineno
    start = source.offset(one.lineno, one.col_offset)
    line = source.written(source.places[one.lineno - 1], start)
    code = source.written(start, source.offset(last, one.end_col_offset or 0))
    head = re.match(r"from\s+[.\w\s]*?\s*\bimport\b", code)
    if head and not line.strip("\ufeff").strip():
        _check_alone(source, Span(node.file, start, start, one.lineno, last), last, one.end_col_offset or 0)
        edit = _behind(source, last, f"{line}{head[0]} {new}")
        yield from ((alias.asname or alias.name, edit) for alias in one.names if alias.name == name)


def _with(source: Source, edits: list[_Edit]) -> bytes:
    raw = source.raw
    for start, end, text in sorted(edits, reverse=True):
        raw = raw[:start] + text.encode(source.encoding) + raw[end:]
    return raw
