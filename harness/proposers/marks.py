"""A prompt with numbered marks in place of its variables, and back: "Ticket: [[1: ticket]]". Pure."""

from __future__ import annotations

import re

from harness.literals import normal as joined
from harness.types import Parts, Variable

_MARK = re.compile(r"\[\[\s*(\d+)\s*(?::[^\[\]]*)?\]\]")


def marked(parts: Parts) -> str:
    """The prompt with numbered marks in place of its variables: "Ticket: [[1: ticket]]"."""
    texts, count = [], 0
    for part in parts:
        if isinstance(part, Variable):
            count += 1
            texts.append(mark(count, part))
        else:
            texts.append(part)
    return "".join(texts)


def mark(number: int, variable: Variable) -> str:
    """The mark of the n-th variable, 1-based."""
    return f"[[{number}: {variable.name}]]"


def parsed(text: str, old: Parts) -> Parts | str:
    """A text with marks as parts, with the variables of ``old``; a sentence where it has others or another order."""
    variables = [part for part in old if isinstance(part, Variable)]
    pieces = _MARK.split(text)
    numbers = [int(number) for number in pieces[1::2]]
    if numbers != list(range(1, len(variables) + 1)):
        wanted = " ".join(mark(n, v) for n, v in enumerate(variables, 1)) or "none"
        return f"it must hold the marks {wanted}, each once and in this order; it has {numbers or 'none'}"
    row: list[str | Variable] = [pieces[0]]
    for variable, piece in zip(variables, pieces[2::2], strict=True):
        row += [variable, piece]
    made = joined(tuple(row))
    return made if any(isinstance(p, str) and p.strip() for p in made) else "it is empty"
