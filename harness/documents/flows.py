"""YAML's scalars in the line: plain, single-quoted and double-quoted, folded over lines or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import yaml

from harness.splices import cut, meaning, spliced

_BREAK = r"[ \t]*\n[ \t\n]*"
_PLAIN = re.compile(_BREAK)
_SINGLE = re.compile(rf"''|{_BREAK}")
_DOUBLE = re.compile(rf"\\\n[ \t]*|\\x..|\\u....|\\U........|\\.|{_BREAK}")
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def flow_candidates(code: str, value: str, new: str) -> Iterator[str]:
    """Scalars that may hold ``new``, the nearest to ``code`` first."""
    if code[:1] == "'":
        yield from _quoted("'", code, value, new, _SINGLE, _single)
        yield f"'{_single(new)}'"
    elif code[:1] == '"':
        yield from _quoted('"', code, value, new, _DOUBLE, _double)
    else:
        units = list(cut(code, _PLAIN, _unfolded))
        if meaning(units) == value and "\n" not in new:
            yield spliced(units, new, lambda text: text)
        if '"' in new:
            yield f"'{_single(new)}'"
    yield f'"{_double(new)}"'


def _quoted(
    quote: str, code: str, value: str, new: str, escapes: re.Pattern[str], escape: Callable[[str], str]
) -> Iterator[str]:
    units = list(cut(code[1:-1], escapes, _unescaped if quote == '"' else _unfolded))
    if meaning(units) == value:
        yield quote + spliced(units, new, escape) + quote


def _unfolded(code: str) -> str:
    if "\n" not in code:
        return code[0]
    return "\n" * (code.count("\n") - 1) or " "


@lru_cache(maxsize=4096)
def _unescaped(code: str) -> str:
    return str(yaml.safe_load(f'"{code}"')) if code[0] == "\\" else _unfolded(code)


def _single(text: str) -> str:
    return text.replace("'", "''")


def _double(text: str) -> str:
    return "".join(_SHORT.get(char) or (char if char.isprintable() else _hexadecimal(char)) for char in text)


def _hexadecimal(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
