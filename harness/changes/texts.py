"""A text as a person writes it, variables as they stand in the source, to the parts of a proposal. Knows no files."""

from __future__ import annotations

import re

from harness.literals import normal
from harness.types import Parts, Variable, text_of


def as_parts(text: str, like: Parts) -> Parts:
    """``text`` with the variables of ``like`` where they are written in it; all else is text, braces too.

    A last line ending that ``like`` lacks is the editor's, and left out.
    """
    text = text.replace("\r\n", "\n")
    if text.endswith("\n") and not text_of(like).endswith("\n"):
        text = text[:-1]
    own = {part.source: part for part in like if isinstance(part, Variable)}
    if not own:
        return normal((text,))
    sources = sorted(own, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, sources))})", text)
    return normal(tuple(own.get(piece, piece) for piece in pieces))
