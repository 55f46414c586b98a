"""Lays a prompt's parts over a text that was sent. Linear in the text; knows nothing of calls or nodes."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from harness.literals import normal
from harness.types import Json, Parts, Variable

_TAKES_SPACE = re.compile(r"^\{[%#]|^\{\{[-#^/!]|-\}\}$")
_OPENS = re.compile(r"\{%[-+]?\s*(?:if|for|macro|call|filter|with|block|set\s+\w+\s*[-+]?%)|\{\{[#^]")
_CLOSES = re.compile(r"\{%[-+]?\s*end|\{\{/")
_PLACEHOLDER = "\ue000"  # private use: stands for a variable while a text is dedented


@dataclass(frozen=True, slots=True)
class Match:
    """Where the parts lie in a text."""

    regions: tuple[tuple[int, int], ...]  # of the literal parts, start and end
    values: tuple[tuple[Variable, str], ...]  # what each variable held, in order
    whole: bool  # nothing of the text is left over


def content_text(message: Mapping[str, Json]) -> str:
    """The text of a recorded message; the texts of its blocks where it has several."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(b if isinstance(b, str) else str(b.get("text", "")) for b in blocks if isinstance(b, str | dict))


def locate(parts: Parts, text: str) -> Match | None:
    """The parts in ``text``: literal texts in order, variables anything between; the whole text before a piece of it.

    Edges stripped and common indentation removed count too: that is what ``.strip()`` and ``dedent`` make of a literal.
    """
    forms = list(_forms(parts))
    for anchored in (True, False):
        for form in forms:
            match = _lay(form, text, anchored)
            if match:
                return match
    return None


def _forms(parts: Parts) -> Iterator[Parts]:
    for form in (parts, _dedented(parts, textwrap.dedent), _dedented(parts, inspect.cleandoc), _without_blocks(parts)):
        yield from dict.fromkeys((normal(form), _stripped(form)))


def _stripped(parts: Parts) -> Parts:
    edges = list(parts)
    if edges and isinstance(edges[0], str):
        edges[0] = edges[0].lstrip()
    if edges and isinstance(edges[-1], str):
        edges[-1] = edges[-1].rstrip()
    return normal(tuple(edges))


def _without_blocks(parts: Parts) -> Parts:
    """The parts with each block of a Jinja or mustache template, ``{% if %}`` to its end, as one variable.

    What a block gives, and the white space that its tags take away, is not known before it is filled in.
    """
    if not any(isinstance(p, Variable) and _TAKES_SPACE.search(p.source) for p in parts):
        return normal(parts)
    found: list[str | Variable] = []
    depth = 0
    for part in parts:
        opens = isinstance(part, Variable) and _OPENS.match(part.source)
        closes = isinstance(part, Variable) and _CLOSES.match(part.source)
        depth -= bool(closes and depth)
        if depth == 0 and not closes:
            found.append(part)
        depth += bool(opens)
    return normal(tuple(_trimmed(found, index) for index in range(len(found))))


def _trimmed(parts: list[str | Variable], index: int) -> str | Variable:
    part = parts[index]
    if isinstance(part, Variable):
        return part
    before, after = parts[index - 1] if index else "", parts[index + 1] if index + 1 < len(parts) else ""
    if isinstance(before, Variable) and _TAKES_SPACE.search(before.source):
        part = part.lstrip()
    return part.rstrip() if isinstance(after, Variable) and _TAKES_SPACE.search(after.source) else part


def _dedented(parts: Parts, dedent: Callable[[str], str]) -> Parts:
    variables = [p for p in parts if isinstance(p, Variable)]
    text = dedent("".join(p if isinstance(p, str) else _PLACEHOLDER for p in parts))
    pieces = text.split(_PLACEHOLDER)
    if len(pieces) != len(variables) + 1:
        return normal(parts)
    woven: list[str | Variable] = [pieces[0]]
    for variable, piece in zip(variables, pieces[1:], strict=True):
        woven += [variable, piece]
    return normal(tuple(woven))


def _lay(parts: Parts, text: str, anchored: bool) -> Match | None:
    """Leftmost places of the literal parts in order; ``anchored``: from the first to the last character of ``text``."""
    literals = [p for p in parts if isinstance(p, str)]
    if not literals:
        return None
    regions: list[tuple[int, int]] = []
    at = 0
    for index, part in enumerate(parts):
        if isinstance(part, Variable):
            continue
        first, last = anchored and index == 0, anchored and index == len(parts) - 1
        found = text.find(part, at)
        if last:
            found = len(text) - len(part) if text.endswith(part) and len(text) - len(part) >= at else -1
        if found < 0 or (first and found != 0 and not last) or (first and last and text != part):
            return None
        regions.append((found, found + len(part)))
        at = found + len(part)
    return Match(tuple(regions), tuple(_values(parts, regions, text)), anchored)


def _values(parts: Parts, regions: list[tuple[int, int]], text: str) -> Iterator[tuple[Variable, str]]:
    """What lies between the regions; of variables side by side the last one holds it all."""
    bounds = iter(regions)
    at = 0
    for index, part in enumerate(parts):
        if isinstance(part, str):
            at = next(bounds)[1]
            continue
        following = parts[index + 1] if index + 1 < len(parts) else ""
        end = at if isinstance(following, Variable) else _next_start(regions, at, len(text))
        yield part, text[at:end]


def _next_start(regions: list[tuple[int, int]], at: int, end: int) -> int:
    return next((start for start, _ in regions if start >= at), end)
