"""JSON: where each string stands, and how to write another there. The values are those of ``json.loads``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from harness.documents.items import DocumentError, Item, Leaf, Other
from harness.splices import cut, spliced

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.")


def read(text: str) -> Item:
    """The values of the document. Raises DocumentError."""
    try:
        json.loads(text)  # says what is wrong; below, the text is known to be right
        return _value(text, _skip(text, 0))[0]
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"no JSON: {error}") from error


def candidates(text: str, leaf: Leaf, new: str) -> Iterator[str]:
    """Ways to write ``new`` where ``leaf`` stands, the nearest to what is there first."""
    inside = text[leaf.start + 1 : leaf.end - 1]
    only_ascii = text.isascii() and "\\u" in text
    for ascii_too in dict.fromkeys((only_ascii, True)):
        units = list(cut(inside, _ESCAPE, lambda code: str(json.loads(f'"{code}"'))))
        yield '"' + spliced(units, new, lambda part: json.dumps(part, ensure_ascii=ascii_too)[1:-1]) + '"'  # noqa: B023
        yield json.dumps(new, ensure_ascii=ascii_too)


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int) -> tuple[Item, int]:
    if text[at] in "{[":
        return _mapping(text, at) if text[at] == "{" else _list(text, at)
    value, end = _DECODER.raw_decode(text, at)
    return Leaf(value, at, end) if isinstance(value, str) else Other(value, text[at:end], at, end), end


def _mapping(text: str, at: int) -> tuple[Item, int]:
    found: dict[str, Item] = {}
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, _skip(text, at))
        item, at = _value(text, _skip(text, _skip(text, at) + 1))
        found[key] = item
        at = _after_comma(text, at)
    return found, at + 1


def _list(text: str, at: int) -> tuple[Item, int]:
    found: list[Item] = []
    at = _skip(text, at + 1)
    while text[at] != "]":
        item, at = _value(text, at)
        found.append(item)
        at = _after_comma(text, at)
    return found, at + 1


def _after_comma(text: str, at: int) -> int:
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at
