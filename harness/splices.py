"""A changed text in the code that carries it: what did not change keeps the characters it was written with.

A text is cut into units, each a piece of code with the piece of text that it stands for. Knows no language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

Unit = tuple[str, str]  # code, text


def meaning(units: Sequence[Unit]) -> str:
    """The text that the units stand for."""
    return "".join(text for _, text in units)


def spliced(units: Sequence[Unit], new: str, escape: Callable[[str], str]) -> str:
    """Code for ``new``: the units that it begins and ends with as they are, ``escape`` of what lies between."""
    head, begin, tail, after = edges(units, new)
    last = len(units) - tail
    middle = new[begin : len(new) - after]
    return "".join(code for code, _ in units[:head]) + escape(middle) + "".join(code for code, _ in units[last:])


def edges(units: Sequence[Unit], new: str) -> tuple[int, int, int, int]:
    """How many units ``new`` begins with and how many characters those are; then the same for its end."""
    head, begin = _shared(units, new)
    return head, begin, *_shared([(code, text[::-1]) for code, text in units[head:][::-1]], new[begin:][::-1])


def _shared(units: Sequence[Unit], new: str) -> tuple[int, int]:
    """How many units ``new`` begins with, and how many characters those are."""
    at = 0
    for count, (_, text) in enumerate(units):
        if not new.startswith(text, at):
            return count, at
        at += len(text)
    return len(units), at


def cut(code: str, escapes: re.Pattern[str], read: Callable[[str], str]) -> Iterator[Unit]:
    """Units of ``code``: each match of ``escapes`` with its text by ``read``, every other character for itself."""
    at = 0
    for match in escapes.finditer(code):
        yield from ((char, char) for char in code[at : match.start()])
        yield match[0], read(match[0])
        at = match.end()
    yield from ((char, char) for char in code[at:])
