"""What a document holds: texts with their places, other values, mappings and lists of them. Knows no format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.types import Json


class DocumentError(ValueError):
    """The document cannot be read, or not written as wished; the text says why."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text value. Places count characters of the document, end exclusive."""

    value: str  # line endings as ``\\n``
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Other:
    """A value that is no text: a number, a date, nothing."""

    value: Json = field(compare=False)  # None where it is no number or bool
    code: str  # as written, or with its type where that does not tell it
    start: int = field(default=-1, compare=False)  # of a number as of a text; -1 = not known
    end: int = field(default=-1, compare=False)


Item = Leaf | Other | dict[str, "Item"] | list["Item"]


def leaves(item: Item) -> Iterator[Leaf]:
    """Every text in the order of the document's values; one that stands in several places comes once."""
    yield from (found for found in scalars(item) if isinstance(found, Leaf))


def scalars(item: Item) -> Iterator[Leaf | Other]:
    """Every text and other value, in the same way."""
    seen: set[int] = set()
    todo = [item]
    while todo:
        current = todo.pop()
        if isinstance(current, Leaf | Other):
            yield current
        elif id(current) not in seen:
            seen.add(id(current))
            todo += list(current.values() if isinstance(current, dict) else current)[::-1]


def same(left: Item, right: Item, start: int) -> bool:
    """Whether two readings hold the same values, the texts and numbers that begin at ``start`` left out."""
    todo = [(left, right)]
    seen: set[tuple[int, int]] = set()
    while todo:
        a, b = todo.pop()
        if isinstance(a, Leaf) and isinstance(b, Leaf):
            if (a.start == start) != (b.start == start) or (a.start != start and a.value != b.value):
                return False
        elif isinstance(a, Other) and isinstance(b, Other) and a.start == b.start == start:
            continue
        elif isinstance(a, dict | list) and type(a) is type(b):
            if (id(a), id(b)) in seen:
                continue
            seen.add((id(a), id(b)))
            if isinstance(a, dict) and isinstance(b, dict):
                if list(a) != list(b):
                    return False
                todo += [(a[key], b[key]) for key in a]
            elif isinstance(a, list) and isinstance(b, list):
                if len(a) != len(b):
                    return False
                todo += list(zip(a, b, strict=True))
        elif a != b:
            return False
    return True
