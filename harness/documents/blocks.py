"""YAML's block scalars, literal ``|`` and folded ``>``: their lines as units, and new ones in the same indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.splices import Unit, meaning, spliced

_HEADER = re.compile(r"([|>])([-+0-9]*)([^\n]*)")
_TAIL = re.compile(r"(?:(?:\r\n|\r|\n)[ \t]*)+\Z")
_LAST = re.compile(r"(?:\r\n|\r|\n)\Z")


def block_end(text: str, start: int, end: int) -> int:
    """Where the last line of a block scalar ends, given where the parser says that the next thing may begin."""
    keeps = "+" in text[start : start + 3]
    return start + len((_LAST if keeps else _TAIL).sub("", text[start:end]))


def block_candidates(code: str, value: str, new: str, outer: int) -> Iterator[str]:
    """Block scalars that may hold ``new``, the nearest to ``code`` first; ``outer`` is the column around them."""
    match = _HEADER.match(code)
    style, marks, comment = (match[1], match[2], match[3]) if match else ("|", "", "")
    lines = code.split("\n")[1:]
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    chomp = "" if new.endswith("\n") else "-"
    chomp = "+" if new.endswith("\n\n") else chomp
    digits = re.sub(r"\D", "", marks)
    body = new.rstrip("\n") + "\n" * (max(len(new) - len(new.rstrip("\n")) - 1, 0) if chomp == "+" else 0)
    for indent in range(min(indents, default=0), 0, -1):
        units = _folded(lines, indent) if style == ">" else _literal(lines, indent)
        if meaning(units).rstrip("\n") == value.rstrip("\n"):
            for header in dict.fromkeys((marks, f"{digits}{chomp}")):
                yield f"{style}{header}{comment}" + spliced(units, body, lambda t: _indented(t, indent, style))  # noqa: B023
            break
    for indent in dict.fromkeys((min(indents, default=outer + 2), outer + 2, outer + 4)):
        lines_of = "".join(f"\n{' ' * indent}{line}" if line else "\n" for line in body.split("\n"))
        for mark in ("", *map(str, range(1, 10))):
            yield f"|{mark}{chomp}{comment}{lines_of}"


def _literal(lines: list[str], indent: int) -> list[Unit]:
    units: list[Unit] = []
    for index, line in enumerate(lines):
        units.append((f"\n{line[:indent]}", "\n" if index else ""))
        units += [(char, char) for char in line[indent:]]
    return units


def _folded(lines: list[str], indent: int) -> list[Unit]:
    """Breaks of ``>``: one alone reads as a space, more as one less, all as they are beside indented lines."""
    units: list[Unit] = []
    pending, before = "", ""
    for line in lines:
        if not line.strip():
            pending += f"\n{line}"
            continue
        breaks = pending.count("\n") + 1
        kept = before[:1] in (" ", "\t") or line[indent : indent + 1] in (" ", "\t")
        text = "\n" * (breaks if kept else breaks - 1) or " "
        units.append((f"{pending}\n{line[:indent]}", text if before else "\n" * (breaks - 1)))
        units += [(char, char) for char in line[indent:]]
        pending, before = "", line[indent:]
    return units


def _indented(text: str, indent: int, style: str) -> str:
    """New text with its lines indented; in a folded block every break needs one more."""
    more = "\n" if style == ">" else ""
    return re.sub(r"\n+", lambda m: more + m[0] + " " * indent, text) if indent else text
