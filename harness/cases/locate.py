"""Text of a case file -> raw rows with their lines. Knows JSON and JSONL, not what a case is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from harness.types import Json

_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One raw case, or the place where the text cannot be read."""

    value: Json
    line: int  # 1-based
    fault: str = ""  # why there is no value


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def rows_of_lines(text: str) -> Iterator[Row]:
    """One row per line that is not blank; a broken line is a fault of its own and the rest is still read."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _decoded(line, number)


def rows_of_object(text: str, key: str) -> Iterator[Row]:
    """The items of the list under ``key`` of a JSON object; one fault when the text is anything else."""
    whole = _decoded(text, 1)
    if whole.fault:
        yield whole
    elif not isinstance(whole.value, dict) or not isinstance(whole.value.get(key), list):
        yield Row(None, 1, f'no list under "{key}"')
    else:
        line, last = 1, 0
        for value, at in _items(text, _value_of(text, key)):
            line, last = line + text.count("\n", last, at), at
            yield Row(value, line)


def _decoded(text: str, line: int) -> Row:
    """The value of a text whose first line is ``line`` of the file."""
    try:
        return Row(_DECODER.decode(text), line)
    except json.JSONDecodeError as error:
        return Row(None, line + error.lineno - 1, f"not valid JSON: {error.msg} at column {error.colno}")
    except (ValueError, RecursionError) as error:
        return Row(None, line, f"not valid JSON: {error}")


def _value_of(text: str, key: str) -> int:
    """Offset of the value of the last ``key`` of the outermost object; ``text`` is known to be valid JSON."""
    at, found = _skip(text, 0) + 1, 0
    while text[at := _skip(text, at)] != "}":
        name, at = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)
        if name == key:
            found = value
        _, at = _DECODER.raw_decode(text, value)
        at = _skip(text, at)
        at += text[at] == ","
    return found


def _items(text: str, start: int) -> Iterator[tuple[Json, int]]:
    """(item, offset) of the list that starts at ``start``; ``text`` is known to be valid JSON."""
    at = _skip(text, start + 1)
    while text[at] != "]":
        value, end = _DECODER.raw_decode(text, at)
        yield value, at
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at
