"""What is left of a file that Python does not read: all its statements but those that hold a mistake.

Lines keep their numbers. Knows nothing of what the code does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.sources import UnreadableError, parsed

_STATEMENT = re.compile(r"[^\s#)\]}]")  # what a line at the left edge begins with
_GOES_ON = re.compile(r"(?:else|elif|except|finally|case)\b")
_INDENT = re.compile(r"[ \t]*")
_MOST = 30  # mistakes of one file; with more of them it is no Python


@dataclass(frozen=True, slots=True)
class Left:
    """Lines that were left out."""

    line: int  # of the mistake
    first: int
    last: int
    why: str


def mended(text: str) -> tuple[ast.Module, list[Left]]:
    """The tree of what can be read, and what was left out. Raises UnreadableError where next to nothing is left."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
    left: list[Left] = []
    for _ in range(_MOST):
        try:
            tree = parsed("".join(lines))
        except UnreadableError as error:
            first, last = _mistake(lines, error)
            before = lines[first:last]
            lines[first:last] = _passed(before) if last == first + 1 else _blanked(before)
            if lines[first:last] == before:
                first, last = _block(lines, first)
                lines[first:last] = _blanked(lines[first:last])
            left.append(Left(error.line or first + 1, first + 1, last, error.message))
            continue
        if not tree.body:
            break
        return tree, left
    raise UnreadableError(left[0].why, left[0].line)


def _mistake(lines: list[str], error: UnreadableError) -> tuple[int, int]:
    """The lines to leave out: the one with the mistake where the rest can be read without it, else its whole block."""
    at = min(error.line, len(lines)) - 1 if error.line else _too_deep(lines)
    trial = [*lines[:at], *_passed(lines[at : at + 1]), *lines[at + 1 :]]
    try:
        parsed("".join(trial))
    except UnreadableError as further:
        if not error.line or 0 < further.line <= error.line or not further.line:
            return _block(lines, at)
        first, last = _block(lines, at)
        if first <= further.line - 1 < last:
            return first, last
    return at, at + 1


def _too_deep(lines: list[str]) -> int:
    """The first line of the block that is nested too deeply to be parsed."""
    for first, last in _blocks(lines):
        try:
            parsed("".join(lines[first:last]))
        except UnreadableError as error:
            if not error.line:
                return first
    return 0


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    starts = [n for n, line in enumerate(lines) if _STATEMENT.match(line) and not _GOES_ON.match(line)]
    yield from zip([0, *starts], [*starts, len(lines)], strict=True)


def _block(lines: list[str], at: int) -> tuple[int, int]:
    """The statement at the left edge that holds a line, with its decorators."""
    first, last = next(((a, b) for a, b in _blocks(lines) if a <= at < b), (at, at + 1))
    while first and lines[first - 1].startswith("@"):
        first -= 1
    return first, last


def _passed(lines: list[str]) -> list[str]:
    indents = [match[0] if (match := _INDENT.match(line)) else "" for line in lines]
    return [f"{indent}pass{_end(line)}" for indent, line in zip(indents, lines, strict=True)]


def _blanked(lines: list[str]) -> list[str]:
    return [_end(line) for line in lines]


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
