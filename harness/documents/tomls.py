"""TOML: where each string and number stands, and how to write another there. The values are those of ``tomllib``.

They are told apart by putting a mark of its own in the place of each and reading the document with the marks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from harness.documents.items import DocumentError, Item, Leaf, Other
from harness.splices import Unit, cut, meaning, spliced

_TOKEN = re.compile(
    r"#[^\r\n]*"
    r'|"""(?:\\.|[^\\])*?"""(?:"(?!")|""(?!"))?|\'\'\'.*?\'\'\'(?:\'(?!\')|\'\'(?!\'))?'
    r'|"(?:\\.|[^"\\\r\n])*"|\'[^\'\r\n]*\''
    r"|(?<![\w.+:-])[+-]?\d[\d_]*(?:\.[\d_]+)?(?:[eE][+-]?\d+)?(?![\w.:-])",
    re.DOTALL,
)
_IS_KEY = re.compile(r"[ \t]*[=.]")
_ESCAPE = re.compile(r"\\[ \t]*\r?\n[ \t\r\n]*|\\u.{4}|\\U.{8}|\\.|\r\n", re.DOTALL)
_MARK = "\ue000"  # private use: no document that holds it is read


def read(text: str) -> Item:
    """The values of the document. Raises DocumentError."""
    try:
        plain = tomllib.loads(text)
        tokens = list(_strings(text))
        marked = tomllib.loads(_with_marks(text, tokens))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DocumentError(f"no TOML: {error}") from error
    if _MARK in text:
        raise DocumentError("a character of the private use area stands in this TOML")
    return _item(plain, marked, tokens)


def candidates(text: str, leaf: Leaf, new: str) -> Iterator[str]:
    """Ways to write ``new`` where ``leaf`` stands, the nearest to what is there first."""
    code = text[leaf.start : leaf.end].replace("\r\n", "\n")
    long, quote = len(code) >= 6 and code[:3] in ('"""', "'''"), code[0]
    if long or "\n" not in new:
        yield from _spliced(code, code[:3] if long else quote, leaf.value, new)
    if "\n" in new:
        for edge in dict.fromkeys((quote * 3, '"""')):
            yield f"{edge}\n{_escaped(new, edge)}{edge}"
    yield f'"{_escaped(new, chr(34))}"'


def _strings(text: str) -> Iterator[re.Match[str]]:
    """The strings and numbers that can be values, comments and keys left out."""
    for match in _TOKEN.finditer(text):
        key = _IS_KEY.match(text, match.end()) or text[: match.start()].rstrip(" \t").endswith(".")
        if match[0][0] != "#" and not key:
            yield match


def _with_marks(text: str, tokens: list[re.Match[str]]) -> str:
    pieces, at = [], 0
    for index, token in enumerate(tokens):
        pieces += [text[at : token.start()], f'"{_MARK}{index}"']
        at = token.end()
    return "".join([*pieces, text[at:]])


def _item(plain: Any, marked: Any, tokens: list[re.Match[str]]) -> Item:
    """The two readings laid over each other. Raises DocumentError where they differ in more than the marks."""
    if isinstance(plain, str) and isinstance(marked, str) and marked.startswith(_MARK):
        token = tokens[int(marked[1:])]
        return Leaf(plain, token.start(), token.end())
    if isinstance(plain, int | float) and isinstance(marked, str) and marked.startswith(_MARK):
        token = tokens[int(marked[1:])]
        return Other(plain, repr(plain), token.start(), token.end())
    if isinstance(plain, dict) and isinstance(marked, dict) and len(plain) == len(marked):
        pairs = zip(plain.items(), marked.items(), strict=True)
        if all(a == b or b.startswith(_MARK) for (a, _), (b, _) in pairs):
            values = zip(plain.values(), marked.values(), strict=True)
            return {key: _item(a, b, tokens) for key, (a, b) in zip(plain, values, strict=True)}
    if isinstance(plain, list) and isinstance(marked, list) and len(plain) == len(marked):
        return [_item(a, b, tokens) for a, b in zip(plain, marked, strict=True)]
    if type(plain) is not type(marked) or isinstance(plain, dict | list | str):
        raise DocumentError("the strings of this TOML cannot be told apart")
    return Other(plain if isinstance(plain, bool | int | float) else None, repr(plain))


def _spliced(code: str, edge: str, value: str, new: str) -> Iterator[str]:
    opening = f"{edge}\n" if len(edge) == 3 and code[3:4] == "\n" else edge
    inside = code[len(opening) : -len(edge)]
    units: list[Unit] = [(char, char) for char in inside]
    if edge[0] == '"':
        units = list(cut(inside, _ESCAPE, _unescaped))
    if meaning(units) == value:
        yield opening + spliced(units, new, lambda part: _escaped(part, edge)) + edge


def _unescaped(code: str) -> str:
    return str(tomllib.loads(f'x = """{code}"""')["x"]) if code[1:].strip() else ""


def _escaped(text: str, edge: str) -> str:
    """``text`` between the quotes ``edge``; literal strings know no escapes, which shows when they are read back."""
    if edge[0] == "'":
        return text
    text = text.replace("\\", "\\\\").replace('"', '\\"') if len(edge) == 1 else _long(text)
    return "".join(char if char == "\n" and len(edge) == 3 else _escaped_char(char) for char in text)


def _long(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'{text[:-1]}\\"' if text.endswith('"') else text


def _escaped_char(char: str) -> str:
    if char in "\t\n":
        return {"\t": "\\t", "\n": "\\n"}[char]
    return char if char.isprintable() else f"\\U{ord(char):08x}"
