"""Parts as Python code in the style of the literal that stood there. Every way offered is read back by the caller."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from harness.literals.templates import doubled
from harness.literals.tokens import Token, tokens, unescaped
from harness.splices import Unit, cut, edges, spliced
from harness.types import Parts, Variable

_ESCAPE = re.compile(r"\\(?:\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)", re.DOTALL)
_MARKS = range(0xF0000, 0xF8000)  # private use: one stands for each distinct variable while texts are compared


def candidates(pieces: Parts, formatted: bool, like: str, encoding: str) -> Iterator[str]:
    """Ways to write the pieces, the one nearest to ``like`` first: what did not change in it stays as written."""
    codes = {source: chr(mark) for mark, source in zip(_MARKS, dict.fromkeys(_sources(pieces, like)), strict=False)}
    if not any(chr(_MARKS[0]) <= char < chr(_MARKS[-1]) for piece in (*pieces, like) for char in str(piece)):
        wanted = "".join(piece if isinstance(piece, str) else codes[piece.source] for piece in pieces)
        yield from _Splicer(like, codes, formatted, encoding).candidates(wanted)
    yield from _afresh(pieces, formatted, like, encoding)


def _sources(pieces: Parts, like: str) -> Iterator[str]:
    for part in (*pieces, *(part for token in tokens(like) for part in token.parts)):
        if isinstance(part, Variable):
            yield part.source


class _Splicer:
    """Writes a text into a literal. Variables stand as single characters in ``wanted``."""

    def __init__(self, like: str, codes: dict[str, str], formatted: bool, encoding: str) -> None:
        self._like, self._codes, self._formatted, self._encoding = like, codes, formatted, encoding
        self._sources = {mark: source for source, mark in codes.items()}
        self._tokens = list(tokens(like))

    def candidates(self, wanted: str) -> Iterator[str]:
        units = [(self._like[t.start : t.end], self._text(t)) for t in self._tokens]
        head, begin, tail, after = edges(units, wanted)
        changed = self._tokens[head : len(units) - tail]
        middle = wanted[begin : len(wanted) - after]
        reference = (changed or self._tokens[max(head - 1, 0) :])[0]
        broken = len(reference.quote) == 1 and "\n" in middle
        unmarked = self._formatted and len(units) == 1 and "f" not in reference.prefix
        if len(changed) == 1 and not unmarked and not (broken and (len(units) == 1 or "\n" in middle[:-1])):
            yield self._like[: reference.start] + self._inside(reference, middle) + self._like[reference.end :]
        elif len(units) > 1 and middle and len(reference.quote) == 1:
            code = self._between().join(self._written(reference, line) for line in middle.splitlines(keepends=True))
            if changed:
                yield self._like[: reference.start] + code + self._like[changed[-1].end :]
            elif head:
                end = self._tokens[head - 1].end
                yield self._like[:end] + self._between() + code + self._like[end:]
            else:
                yield self._like[: reference.start] + code + self._between() + self._like[reference.start :]

    def _text(self, token: Token) -> str:
        return "".join(part if isinstance(part, str) else self._codes[part.source] for part in token.parts)

    def _inside(self, token: Token, text: str) -> str:
        """The token with ``text`` for its own; what both share keeps its escapes."""
        units: list[Unit] = []
        for piece in token.body:
            if isinstance(piece, Variable):
                units.append((piece.source, self._codes[piece.source]))
            elif "r" in token.prefix:
                units += [(char, char) for char in piece]
            else:
                units += cut(piece, _ESCAPE, lambda code: unescaped(code, "", token.quote))
        units = [(code * 2, char) if "f" in token.prefix and code in "{}" else (code, char) for code, char in units]
        opening = self._like[token.start :].partition(token.quote)[0] + token.quote
        return opening + spliced(units, text, lambda part: self._escaped(part, token)) + token.quote

    def _written(self, token: Token, text: str) -> str:
        """A token of its own in the style of another."""
        prefix = "f" if self._formatted and any(char in self._sources for char in text) else ""
        return prefix + token.quote + self._escaped(text, token, doubling=bool(prefix)) + token.quote

    def _escaped(self, text: str, token: Token, doubling: bool | None = None) -> str:
        doubling = "f" in token.prefix if doubling is None else doubling
        code = doubled(text, "fstring") if doubling else text
        if "r" not in token.prefix:
            marks = "".join(self._sources)
            pieces = re.split(f"([{marks}])", code) if marks else [code]
            code = "".join(p if p in self._sources else _escaped(p, token.quote, self._encoding) for p in pieces)
        return "".join(self._sources.get(char, char) for char in code)

    def _between(self) -> str:
        """What stands between two tokens, preferably a line break; comments belong to the texts before them."""
        ends = zip(self._tokens, self._tokens[1:], strict=False)
        fillers = [re.sub(r"[ \t]*#[^\n]*", "", self._like[a.end : b.start]) for a, b in ends]
        return max(fillers, key=lambda filler: "\n" in filler) or " "


def _afresh(pieces: Parts, formatted: bool, like: str, encoding: str) -> Iterator[str]:
    """One token for all the pieces, in the quotes and with the prefix of ``like`` where they can stay."""
    old = list(tokens(like))
    first = old[0]
    char = first.quote[0]
    texts = [part if isinstance(part, str) else part.source for part in pieces]
    triple = any("\n" in text for text in texts) or (len(old) == 1 and len(first.quote) == 3)
    plain = all(_escaped_char(char, encoding) == char for text in texts for char in text)
    raws = (True, False) if plain and all("r" in token.prefix for token in old) else (False,)
    quotes = [q * 3 if triple else q for q in (char, "'" if char == '"' else '"')]
    continued = re.match(r"[a-zA-Z]*(\"\"\"|''')\\\n", like) is not None
    for raw in raws:
        for quote in (*quotes, char * 3):
            body = "".join(_piece(part, formatted, "" if raw else quote, encoding) for part in pieces)
            opening = "\\\n" if continued and len(quote) == 3 and not raw else ""
            yield f"{'f' if formatted else ''}{'r' if raw else ''}{quote}{opening}{body}{quote}"


def _piece(part: str | Variable, formatted: bool, quote: str, encoding: str) -> str:
    if isinstance(part, Variable):
        return part.source
    text = doubled(part, "fstring") if formatted else part
    return _escaped(text, quote, encoding) if quote else text


def _escaped(text: str, quote: str, encoding: str) -> str:
    last = "\\" + quote[0] if text.endswith(quote[0]) else ""  # a quote before the closing ones would join them
    text = text[:-1] if last else text
    text = "".join(_escaped_char(char, encoding) for char in text.replace("\\", "\\\\"))
    if len(quote) == 1:
        return text.replace("\n", "\\n").replace(quote, "\\" + quote) + last
    return text.replace(quote, ("\\" + quote[0]) * 3) + last


def _escaped_char(char: str, encoding: str) -> str:
    if char == "\n":
        return char
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return char.encode("unicode_escape", "surrogatepass").decode()
    return char if char.isprintable() else char.encode("unicode_escape").decode()


def is_one_string(code: str) -> bool:
    """Whether the code is one string expression to Python."""
    try:
        return isinstance(ast.parse(f"({code}\n)", mode="eval").body, ast.Constant | ast.JoinedStr)
    except (SyntaxError, ValueError):
        return False
