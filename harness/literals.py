"""String literals and template texts to Parts and back; the two directions are inverse to each other.

A literal is one expression of string tokens: single, implicitly concatenated or joined by ``+``. Knows nothing of files
or of what a prompt is for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.types import Parts, TemplateKind, Variable

_TOKEN = re.compile(r"([rRbBuUfF]{0,2})(\"\"\"|'''|\"|')")
_FILLER = re.compile(r"(?:[\s+()]|\\\r?\n|#[^\r\n]*)*")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_CONVERSION = re.compile(r"\s*![rsa]\s*$")


class LiteralError(ValueError):
    """The text is not a literal, or not one of the template kind asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Token:
    """One string token as written."""

    prefix: str  # lower case: "", "f", "r", "rf", ...
    quote: str
    parts: Parts  # literal text unescaped; variables of an f-string


def normal(parts: Parts) -> Parts:
    """The same parts with neighbouring texts joined and empty ones left out."""
    merged: list[str | Variable] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return tuple(merged)


def parse_text(text: str, template: TemplateKind) -> Parts:
    """Parts of an unescaped text that is filled in later as ``template``. Raises LiteralError on unbalanced braces."""
    if template == "format":
        return normal(tuple(_format_parts(text)))
    if template == "jinja":
        return normal(tuple(_jinja_parts(text)))
    return normal((text,))


def render_text(parts: Parts, template: TemplateKind) -> str:
    """The inverse of ``parse_text``. Raises LiteralError when the template has no way to write a text."""
    text = "".join(p.source if isinstance(p, Variable) else _doubled(p, template) for p in parts)
    if parse_text(text, template) != normal(parts):
        raise LiteralError(f"a {template} template cannot carry this text")
    return text


def parse_literal(code: str, template: TemplateKind) -> Parts:
    """Parts of the literal expression ``code``, line endings ``\\n``. Raises LiteralError."""
    tokens = list(_tokens(code))
    parts = normal(tuple(part for token in tokens for part in token.parts))
    if template == "fstring":
        _confirm_with_ast(code, parts)
        return parts
    if any(isinstance(part, Variable) for part in parts):
        raise LiteralError("an f-string is used as a template: what is filled in when is not clear")
    return parse_text("".join(map(str, parts)), template)


def render_literal(parts: Parts, template: TemplateKind, like: str, encoding: str = "utf-8") -> str:
    """Python code for ``parts`` in the style of the literal ``like``: its quotes and prefix where they can stay.

    Text with line breaks becomes a triple-quoted literal. Raises LiteralError when no literal can carry the parts.
    """
    wanted = normal(parts)
    pieces = wanted if template == "fstring" else normal((render_text(wanted, template),))
    for code in _candidates(pieces, template == "fstring", like, encoding):
        try:
            if parse_literal(code, template) == wanted and _is_one_string(code):
                return code
        except LiteralError:
            continue
    raise LiteralError("no string literal can carry this text with these variables")


# ---- reading ---------------------------------------------------------------------------------------------------------


def _tokens(code: str) -> Iterator[Token]:
    at = _skip_filler(code, 0)
    if at == len(code):
        raise LiteralError("no string literal here")
    while at < len(code):
        match = _TOKEN.match(code, at)
        if not match or "b" in match[1].lower():
            raise LiteralError(f"not a string literal: {code[at : at + 20]!r}")
        prefix, quote = match[1].lower(), match[2]
        body, at = _body(code, match.end(), quote, formatted="f" in prefix)
        texts = (part if isinstance(part, Variable) else _unescaped(part, prefix, quote) for part in body)
        yield Token(prefix, quote, normal(tuple(texts)))
        at = _skip_filler(code, at)


def _skip_filler(code: str, at: int) -> int:
    match = _FILLER.match(code, at)
    return match.end() if match else at


def _body(code: str, at: int, quote: str, *, formatted: bool) -> tuple[list[str | Variable], int]:
    """Raw texts and variables up to the closing quote, and the index after it."""
    body: list[str | Variable] = []
    begin = at
    while at < len(code):
        if code.startswith(quote, at):
            return [*body, code[begin:at]], at + len(quote)
        if code.startswith("\\N{", at) and formatted:
            at = code.find("}", at) + 1 or len(code)
        elif code[at] == "\\" and not (formatted and code[at + 1 : at + 2] in ("{", "}")):
            at += 2
        elif formatted and code[at : at + 2] in ("{{", "}}"):
            body.append(code[begin : at + 1])
            at += 2
            begin = at
        elif formatted and code[at] == "{":
            end, name = _replacement(code, at)
            body += [code[begin:at], Variable(name, code[at:end])]
            begin = at = end
        else:
            at += 1
    raise LiteralError("the string literal does not end")


def _replacement(code: str, start: int) -> tuple[int, str]:
    """End and expression of the f-string field that begins at ``start``."""
    at, depth, colon = start + 1, 1, 0
    while at < len(code):
        char = code[at]
        if char in "\"'" and not colon:
            at = _after_string(code, at)
            continue
        if char == "{" and colon:
            at = _replacement(code, at)[0]
            continue
        if char == ":" and depth == 1 and not colon:
            colon = at
        depth += (char in "([{") - (char in ")]}") if not colon else -(char == "}")
        at += 1
        if depth == 0:
            return at, _CONVERSION.sub("", code[start + 1 : colon or at - 1]).strip()
    raise LiteralError("an f-string field does not end")


def _after_string(code: str, at: int) -> int:
    quote = code[at : at + 3] if code[at : at + 3] in ('"""', "'''") else code[at]
    at += len(quote)
    while at < len(code) and not code.startswith(quote, at):
        at += 2 if code[at] == "\\" else 1
    return at + len(quote)


def _unescaped(raw: str, prefix: str, quote: str) -> str:
    if "r" in prefix or "\\" not in raw:
        return raw
    if (len(raw) - len(raw.rstrip("\\"))) % 2:  # f"\{x}": the backslash stands for itself
        raw += "\\"
    try:
        return str(ast.literal_eval(f"{quote}{raw}{quote}"))
    except (SyntaxError, ValueError) as error:
        raise LiteralError(f"escapes cannot be read: {error}") from error


def _confirm_with_ast(code: str, parts: Parts) -> None:
    """The texts between the fields must be those that Python itself reads, else our reading is not to be trusted."""
    try:
        tree = ast.parse(f"({code}\n)", mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise LiteralError(f"not an expression: {error}") from error
    read: list[str | Variable] = []
    for node in _leaves(tree):
        values = node.values if isinstance(node, ast.JoinedStr) else [node]
        for value in values:
            read.append(str(value.value) if isinstance(value, ast.Constant) else Variable("", ""))
    if normal(tuple(read)) != normal(tuple(p if isinstance(p, str) else Variable("", "") for p in parts)):
        raise LiteralError("the fields of this f-string cannot be told apart")


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from _leaves(node.left)
        yield from _leaves(node.right)
    else:
        yield node


def _format_parts(text: str) -> Iterator[str | Variable]:
    at = 0
    while at < len(text):
        if text[at : at + 2] in ("{{", "}}"):
            yield text[at]
            at += 2
        elif text[at] == "}":
            raise LiteralError("a single } in a format template")
        elif text[at] == "{":
            end = _closing(text, at)
            yield Variable(re.split(r"[!:]", text[at + 1 : end - 1], maxsplit=1)[0].strip(), text[at:end])
            at = end
        else:
            stop = re.compile(r"[{}]").search(text, at)
            end = stop.start() if stop else len(text)
            yield text[at:end]
            at = end


def _closing(text: str, at: int) -> int:
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index + 1
    raise LiteralError("a single { in a format template")


def _jinja_parts(text: str) -> Iterator[str | Variable]:
    at = 0
    for match in _JINJA.finditer(text):
        yield text[at : match.start()]
        yield Variable(match[0][2:-2].strip("-+ \n\t"), match[0])
        at = match.end()
    yield text[at:]


# ---- writing ---------------------------------------------------------------------------------------------------------


def _doubled(text: str, template: TemplateKind) -> str:
    return text.replace("{", "{{").replace("}", "}}") if template in ("format", "fstring") else text


def _candidates(pieces: Parts, formatted: bool, like: str, encoding: str) -> Iterator[str]:
    """Ways to write the pieces, the one nearest to ``like`` first."""
    tokens = list(_tokens(like))
    first = tokens[0]
    char = first.quote[0]
    texts = [part if isinstance(part, str) else part.source for part in pieces]
    triple = any("\n" in text for text in texts) or (len(tokens) == 1 and len(first.quote) == 3)
    plain = all(_escaped_char(char, encoding) == char for text in texts for char in text)
    raws = (True, False) if plain and all("r" in token.prefix for token in tokens) else (False,)
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
    text = _doubled(part, "fstring") if formatted else part
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


def _is_one_string(code: str) -> bool:
    try:
        return isinstance(ast.parse(f"({code}\n)", mode="eval").body, ast.Constant | ast.JoinedStr)
    except (SyntaxError, ValueError):
        return False
