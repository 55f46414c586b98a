"""A source file as bytes and as text, with exact offsets from one to the other.

Reads encoding declarations, byte order marks and line endings; the bytes are never normalised. Knows no Python syntax
beyond the encoding declaration and nothing of prompts.
"""

from __future__ import annotations

import ast
import bisect
import codecs
import io
import itertools
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UserError
from harness.newer import without_type_parameters
from harness.types import Span

_BOM = b"\xef\xbb\xbf"
_EOL = re.compile(r"\r\n|\r|\n")


class UnreadableError(ValueError):
    """The bytes cannot be decoded or parsed; the text says why."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line  # 1-based; 0 = not known
        self.message = message


def utf8(path: Path, name: str) -> str:
    """The text of a file that people write by hand, without its byte order mark; ``name`` is the path as they know it.

    Raises UserError with "file:line" of the first byte that is not UTF-8, and OSError.
    """
    raw = path.read_bytes().removeprefix(_BOM)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        start = raw.rfind(b"\n", 0, error.start) + 1
        line, column = raw.count(b"\n", 0, error.start) + 1, len(raw[start : error.start].decode()) + 1
        wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # as PowerShell and Excel save
        known, code = ("UTF-16", "utf-16") if wide else ("Latin-1", "latin1")
        raise UserError(
            f"not UTF-8: the byte 0x{raw[error.start]:02x} at column {column}",
            where=f"{name}:{line}",
            fix=f"save it as UTF-8; if it is {known}: iconv -f {code} -t utf-8 {name} > new, then mv new {name}",
        ) from error


@dataclass(frozen=True, slots=True)
class Source:
    """One file. ``text`` is decoded without the mark, its line endings as in the file."""

    raw: bytes
    encoding: str
    bom: bytes
    text: str
    starts: tuple[int, ...]  # index in ``text`` of the first character of each line
    places: tuple[int, ...]  # byte offset in the file of the same
    python: bool = True  # decoded by its own declaration

    @classmethod
    def of(cls, raw: bytes, *, python: bool) -> Source:
        """Decode ``raw``: by its declaration when ``python``, else as UTF-8. Raises UnreadableError."""
        try:
            encoding = tokenize.detect_encoding(io.BytesIO(raw).readline)[0] if python else "utf-8"
            encoding = "utf-8" if encoding == "utf-8-sig" else encoding
            bom = _BOM if raw.startswith(_BOM) else b""
            text = raw[len(bom) :].decode(encoding)
        except UnicodeDecodeError as error:
            raise UnreadableError(
                f"not {error.encoding}: {error.reason}", raw.count(b"\n", 0, error.start) + 1
            ) from error
        except (SyntaxError, LookupError) as error:
            raise UnreadableError(str(error), 1) from error
        starts = (0, *(m.end() for m in _EOL.finditer(text)))
        return cls(raw, encoding, bom, text, starts, _places(text, encoding, len(bom), starts), python)

    @classmethod
    def read(cls, path: Path) -> Source:
        """The file at ``path``, as Python where its name says so. Raises UnreadableError, OSError."""
        return cls.of(path.read_bytes(), python=path.suffix in {".py", ".pyi"})

    @property
    def newline(self) -> str:
        """The line ending used most, ``\\n`` when there is none."""
        found = _EOL.findall(self.text)
        return max(("\n", "\r\n", "\r"), key=found.count) if found else "\n"

    def tree(self) -> ast.Module:
        """The syntax tree. Raises UnreadableError with the line of the mistake."""
        return parsed(self.text)

    def offset(self, line: int, column: int) -> int:
        """Byte offset in the file of a place as ``ast`` gives it: 1-based line, column in UTF-8 bytes."""
        if self.encoding == "utf-8":
            return self.places[line - 1] + column
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        prefix = self.text[start:end].encode()[:column].decode()
        return self.places[line - 1] + len(prefix.encode(self.encoding))

    def place(self, index: int) -> int:
        """Byte offset in the file of a character of ``text``."""
        line = bisect.bisect_right(self.starts, index) - 1
        return self.places[line] + len(self.text[self.starts[line] : index].encode(self.encoding))

    def index(self, place: int) -> int:
        """The character of ``text`` at a byte offset. Raises UnreadableError when none begins there."""
        try:
            return len(self.raw[len(self.bom) : place].decode(self.encoding))
        except UnicodeDecodeError as error:
            raise UnreadableError(f"no character begins at byte {place}") from error

    def between(self, file: str, start: int, end: int) -> Span:
        """The place of the characters from ``start`` to ``end`` of ``text``."""
        first, last = (bisect.bisect_right(self.starts, index) for index in (start, max(start, end - 1)))
        return Span(file, self.place(start), self.place(end), first, last)

    def span(self, file: str, node: ast.expr) -> Span:
        """The place of an expression of ``tree()``; ``file`` is how the span names this file."""
        last, column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        start, end = self.offset(node.lineno, node.col_offset), self.offset(last, column)
        return Span(file, start, end, node.lineno, last)

    def whole(self, file: str) -> Span:
        """The span of all the text, the byte order mark left out."""
        return Span(file, len(self.bom), len(self.raw), 1, len(self.starts))

    def written(self, start: int, end: int) -> str:
        """The text between two byte offsets as it stands, with its own line endings. Raises UnicodeDecodeError."""
        return self.raw[start:end].decode(self.encoding)

    def slice(self, span: Span) -> str:
        """The text at a span with line endings as Python reads them (``\\n``). Raises UnreadableError."""
        try:
            return universal(self.written(span.start, span.end))
        except UnicodeDecodeError as error:
            raise UnreadableError(str(error)) from error


def _places(text: str, encoding: str, first: int, starts: tuple[int, ...]) -> tuple[int, ...]:
    """Byte offsets of the characters at ``starts``, the first of which is at ``first``."""
    if first == 0 and encoding == "utf-8" and text.isascii():
        return starts
    lines = (text[start:end] for start, end in itertools.pairwise(starts))
    return tuple(itertools.accumulate((len(line.encode(encoding)) for line in lines), initial=first))


def parsed(text: str) -> ast.Module:
    """The syntax tree of a program, that of a newer Python too. Raises UnreadableError with the line of the mistake."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        older = without_type_parameters(text)
        if older != text:
            return parsed(older)
        raise UnreadableError(error.msg, error.lineno or 0) from error
    except ValueError as error:
        raise UnreadableError(str(error), text.count("\n", 0, text.find("\0")) + 1 if "\0" in text else 0) from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableError("code is nested too deeply") from error


def universal(text: str) -> str:
    """``text`` with every line ending turned into ``\\n``."""
    return _EOL.sub("\n", text)
