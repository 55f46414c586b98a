"""String literals and template texts to Parts and back; the two directions are inverse to each other.

A literal is one expression of string tokens: single, implicitly concatenated or joined by ``+``. Knows nothing of files
or of what a prompt is for.
"""

from __future__ import annotations

from harness.literals.templates import LiteralError, bound_order, normal, parse_text, render_text
from harness.literals.tokens import confirm_with_ast, tokens
from harness.literals.writing import candidates, is_string
from harness.types import Parts, TemplateKind, Variable

__all__ = [
    "LiteralError", "bound_order", "normal", "parse_literal", "parse_text", "render_literal", "render_text",
]  # fmt: skip


def parse_literal(code: str, template: TemplateKind) -> Parts:
    """Parts of the literal expression ``code``, line endings ``\\n``. Raises LiteralError."""
    parts = normal(tuple(part for token in tokens(code) for part in token.parts))
    if template == "fstring":
        confirm_with_ast(code, parts)
        return parts
    if any(isinstance(part, Variable) for part in parts):
        raise LiteralError("an f-string is used as a template: what is filled in when is not clear")
    return parse_text("".join(map(str, parts)), template)


def render_literal(parts: Parts, template: TemplateKind, like: str, encoding: str = "utf-8") -> str:
    """Python code for ``parts`` in the style of the literal ``like``: what did not change stays as it is written there.

    Text with line breaks becomes a triple-quoted literal, in a row of tokens one token a line. Raises LiteralError when
    no literal can carry the parts.
    """
    wanted = normal(parts)
    pieces = wanted if template == "fstring" else normal((render_text(wanted, template),))
    for code in candidates(pieces, template == "fstring", like, encoding):
        try:
            code.encode(encoding)
            if parse_literal(code, template) == wanted and is_string(code, like, template == "fstring"):
                return code
        except (LiteralError, UnicodeEncodeError):
            continue
    raise LiteralError("no string literal can carry this text with these variables")
