"""Code of newer Pythons as an older one reads it: without type parameters, and with type aliases as assignments.

What is taken away becomes blanks, so that every other place in the tree is a place in the file. Knows no other syntax.
"""

from __future__ import annotations

import re

_HEAD = re.compile(r"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+\w+[ \t]*(?=\[)", re.MULTILINE)
_ALIAS = re.compile(r"^(?P<indent>[ \t]*)type[ \t]+(?P<name>\w+)[ \t]*(?=[\[=][^=])", re.MULTILINE)


def without_type_parameters(text: str) -> str:
    """``text`` without what Python 3.12 added for types; the text itself where there is nothing of it."""
    for match in reversed(list(_HEAD.finditer(text))):
        text = _blank(text, match.end(), _closing(text, match.end()))
    for match in reversed(list(_ALIAS.finditer(text))):
        text = _blank(text, match.end(), _closing(text, match.end()))
        start, name = match.end("indent"), match["name"]
        text = f"{text[:start]}{name}{' ' * (match.end() - start - len(name))}{text[match.end() :]}"
    return text


def _closing(text: str, start: int) -> int:
    """The end of the brackets that open at ``start``; ``start`` where none do."""
    depth = 0
    for index in range(start, len(text)):
        depth += {"[": 1, "]": -1}.get(text[index], 0)
        if depth == 0:
            return index + (text[index] == "]")
    return start


def _blank(text: str, start: int, end: int) -> str:
    """Blanks for each byte; a line that ends within goes on with a backslash."""
    lines = text[start:end].splitlines()
    blanks = [" " * len(line.encode()) for line in lines]
    joined = "".join(f"{line[:-1]}\\\n" for line in blanks[:-1]) + (blanks[-1] if blanks else "")
    return text[:start] + joined + text[end:]
