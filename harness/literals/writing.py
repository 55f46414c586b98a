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
        """At most one way: the tokens that changed written anew, or further tokens in the row."""
        units = [(self._like[t.start : t.end], self._text(t)) for t in self._tokens]
        head, begin, tail, after = edges(units, wanted)
        middle, first, last = wanted[begin : len(wanted) - after], head, len(units) - tail
        if first == last:  # something is put in between: into the token before it, unless a line ends there
            first, last = (head - 1, head) if head else (0, 1)
            beside = units[first][1]
            if len(units) > 1 and (beside if head else middle).endswith("\n"):
                yield self._between_tokens(first if head else -1, middle)
                return
            middle = beside + middle if head else middle + beside
        yield from self._replaced(first, last, middle)

    def _replaced(self, first: int, last: int, text: str) -> Iterator[str]:
        """The tokens from ``first`` to before ``last`` with ``text`` for theirs; none where a token cannot stay."""
        token, end = self._tokens[first], self._tokens[last - 1].end
        broken = len(token.quote) == 1 and "\n" in text
        if last - first == 1 and not (broken and "\n" in text[:-1]):
            if not (broken and len(self._tokens) == 1):
                yield self._like[: token.start] + self._inside(token, text) + self._like[end:]
        elif len(self._tokens) > 1 and text and len(token.quote) == 1:
            yield self._like[: token.start] + self._row(token, text) + self._like[end:]

    def _between_tokens(self, before: int, text: str) -> str:
        """Further tokens for ``text`` after the token ``before``, or before all of them."""
        row = self._row(self._tokens[max(before, 0)], text)
        if before < 0:
            start = self._tokens[0].start
            return self._like[:start] + row + self._between() + self._like[start:]
        end = self._tokens[before].end
        return self._like[:end] + self._between() + row + self._like[end:]

    def _row(self, token: Token, text: str) -> str:
        lines = text.splitlines(keepends=True) if len(token.quote) == 1 else [text]
        return self._between().join(self._written(token, line) for line in lines)

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


def is_string(code: str, like: str, formatted: bool) -> bool:
    """Whether the code is one string to Python: joined by ``+`` only where ``like`` is, an f-string where wished."""
    try:
        new, old = (ast.parse(f"({text}\n)", mode="eval").body for text in (code, like))
    except (SyntaxError, ValueError):
        return False
    if not isinstance(new, ast.Constant | ast.JoinedStr) and not (
        isinstance(new, ast.BinOp) and type(old) is type(new)
    ):
        return False
    return not formatted or any(isinstance(node, ast.JoinedStr) for node in ast.walk(new))
