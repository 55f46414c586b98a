"""Items of lists, tuples and dicts whose contents are known in part."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from harness.discover.texts import concatenated, has_text
from harness.discover.values import (
    NOTHING,
    Atom,
    Class,
    Const,
    Data,
    External,
    Seq,
    Table,
    Text,
    Value,
    join,
    one_string,
)

_UNROLLED = 24  # items of a table that a loop is read for one by one


def put(table: Table, key: str | None, value: Value) -> None:
    if key is None:
        table.rest = join((table.rest, value))
    else:
        table.entries[key] = join((table.entries.get(key, NOTHING), value))


def added(left: Value, right: Value) -> Value:
    lists = [atom for atom in (*left, *right) if isinstance(atom, Seq)]
    if lists:
        others: list[Value] = [(a,) for a in (*left, *right) if not isinstance(a, Seq | Const)]
        exact = len(left) == len(right) == 1 and len(lists) == 2 and all(s.exact for s in lists)
        return (Seq([item for s in lists for item in s.items] + others, exact),)
    return (concatenated([left, right], "+"),) if has_text((*left, *right)) else (Data(),)


def item_of(atom: Atom, index: ast.expr, key: Value) -> Value:
    if isinstance(atom, Seq):
        if isinstance(index, ast.Slice):
            return (Seq(list(atom.items), exact=False),)
        place = _position(index)
        if atom.exact and place is not None:
            return atom.items[place] if -len(atom.items) <= place < len(atom.items) else NOTHING
        return atom.any()
    if isinstance(atom, Table):
        name = one_string(key)
        if name is not None:
            return join((atom.entries.get(name, NOTHING), atom.rest))
        return join((*atom.entries.values(), atom.rest))
    if isinstance(atom, External | Class):
        return (atom,)
    return (Data(),)


def _position(index: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(index)
    except ValueError:
        return None
    return value if isinstance(value, int) else None


def one_by_one(value: Value) -> list[Value]:
    """The items of a small static table, for a loop to be read once with each; empty for everything else."""
    items = list(iterated(value))
    exact = len(value) == 1 and all(not isinstance(atom, Seq) or atom.exact for atom in value)
    return items if exact and 1 < len(items) <= _UNROLLED else []


def iterated(value: Value) -> Iterator[Value]:
    """The value of each item in turn when iterating, one after another for exact sequences."""
    for atom in value:
        if isinstance(atom, Seq):
            yield from atom.items
        elif isinstance(atom, Table):
            yield from ((Text((), key),) for key in atom.entries)
            if atom.rest:
                yield (Data(),)
        else:
            yield (Data(),)
