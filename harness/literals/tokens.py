"""Python's string tokens, single, in a row or joined by ``+``, to texts and variables. Knows no templates, no files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.literals.templates import LiteralError, normal
from harness.types import Parts, Variable

_TOKEN = re.compile(r"([rRbBuUfF]{0,2})(\"\"\"|'''|\"|')")
_FILLER = re.compile(r"(?:[\s+()]|\\\r?\n|#[^\r\n]*)*")
_CONVERSION = re.compile(r"\s*![rsa]\s*$")


@dataclass(frozen=True, slots=True)
class Token:
    """One string token as written."""

    prefix: str  # lower case: "", "f", "r", "rf", ...
    quote: str
    parts: Parts  # literal text unescaped; variables of an f-string
    start: int  # of the prefix, in the code
    end: int  # after the closing quote
    body: tuple[str | Variable, ...] = ()  # as written, what stands between the quotes


def tokens(code: str) -> Iterator[Token]:
    """The string tokens of a literal expression. Raises LiteralError when there is anything else in it."""
    at = _skip_filler(code, 0)
    if at == len(code):
        raise LiteralError("no string literal here")
    while at < len(code):
        match = _TOKEN.match(code, at)
        if not match or "b" in match[1].lower():
            raise LiteralError(f"not a string literal: {code[at : at + 20]!r}")
        prefix, quote = match[1].lower(), match[2]
        start = at
        body, at = _body(code, match.end(), quote, formatted="f" in prefix)
        texts = (part if isinstance(part, Variable) else unescaped(part, prefix, quote) for part in body)
        yield Token(prefix, quote, normal(tuple(texts)), start, at, tuple(body))
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


def unescaped(raw: str, prefix: str, quote: str) -> str:
    """The text that a piece of a token's body stands for. Raises LiteralError."""
    if "r" in prefix or "\\" not in raw:
        return raw
    if (len(raw) - len(raw.rstrip("\\"))) % 2:  # f"\{x}": the backslash stands for itself
        raw += "\\"
    try:
        return str(ast.literal_eval(f"{quote}{raw}{quote}"))
    except (SyntaxError, ValueError) as error:
        raise LiteralError(f"escapes cannot be read: {error}") from error


def confirm_with_ast(code: str, parts: Parts) -> None:
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
