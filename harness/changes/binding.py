"""May a proposal become a change of its prompt? Decides by the prompt alone; opens no file."""

from __future__ import annotations

import textwrap
from collections import Counter

from harness.changes.carriers import is_literal, is_text_file
from harness.changes.refusals import Refused, where_of
from harness.literals import LiteralError, bound_order, normal, render_text
from harness.types import Change, Node, Parts, Prompt, Proposal, Variable

LONGEST = 40_000  # characters of a prompt; beyond it a proposal is a mistake


def bind(proposal: Proposal, prompt: Prompt, node: Node, *, id: str, proposer: str) -> Change:
    """The proposal as a change of ``prompt``. Raises Refused where it may not or cannot be made.

    A text file and a value of a document keep their last line ending; new lines of a literal that ``dedent`` reads get
    the margin of the others.
    """
    if not prompt.is_editable:
        reason = f": {prompt.reason}" if prompt.reason else ""
        raise Refused(f"{prompt.id} is {prompt.proof}, not proved{reason}", where=where_of(prompt.span))
    own = {part.source: part for part in prompt.parts if isinstance(part, Variable)}
    new = normal(tuple(p if isinstance(p, str) else own.get(p.source, p) for p in proposal.parts))
    old = normal(prompt.parts)
    if not is_literal(prompt.kind, prompt.span) and _ends_line(old) and not _ends_line(new):
        new = normal((*new, "\n"))
    for name, first in (("dedent()", True), ("cleandoc()", False)):  # cleandoc leaves the first line as it is
        if any(hop.endswith(f" {name}") for hop in prompt.hops):
            new = _indented(new, _margin(old, first), first)
    _check_variables(old, new, prompt)
    if new == old:
        raise Refused("the text is unchanged", where=where_of(prompt.span))
    length = sum(len(part if isinstance(part, str) else part.source) for part in new)
    if length > LONGEST:
        raise Refused(f"the text has {length:,} characters, over {LONGEST:,}", where=where_of(prompt.span))
    _check_characters(new, prompt)
    return Change(
        id, node.name, proposal.technique, prompt.id, prompt.span, old, new, proposal.why, proposer, prompt.nodes,
        template=prompt.template, kind=prompt.kind,
    )  # fmt: skip


def _check_variables(old: Parts, new: Parts, prompt: Prompt) -> None:
    before, after = (Counter(p.source for p in parts if isinstance(p, Variable)) for parts in (old, new))
    if before != after:
        lost, added = (", ".join((a - b).elements()) for a, b in ((before, after), (after, before)))
        words = "; ".join(filter(None, (f"lost {lost}" if lost else "", f"added {added}" if added else "")))
        raise Refused(f"the variables differ: {words}", where=where_of(prompt.span))
    if bound_order(old, prompt.template) != bound_order(new, prompt.template):
        why = (
            "blocks enclose some of them" if prompt.template in ("jinja", "mustache") else "they are filled by position"
        )
        raise Refused(f"the variables must stay in their order: {why}", where=where_of(prompt.span))


def _check_characters(new: Parts, prompt: Prompt) -> None:
    text = "".join(part for part in new if isinstance(part, str))
    try:
        text.encode()
        if is_text_file(prompt.kind, prompt.span) and "\r" in text:
            raise LiteralError("a text file cannot carry a carriage return of its own")
        if prompt.template != "fstring":
            render_text(new, prompt.template)
    except (UnicodeEncodeError, LiteralError) as error:
        raise Refused(f"the text cannot be written: {error}", where=where_of(prompt.span)) from error


def _ends_line(parts: Parts) -> bool:
    return bool(parts) and isinstance(parts[-1], str) and parts[-1].endswith("\n")


def _margin(parts: Parts, first: bool) -> str:
    """The indentation that all lines share, the first one among them or not, as ``textwrap.dedent`` removes it."""
    text = "".join(part if isinstance(part, str) else part.source for part in parts)
    text = text if first else text.partition("\n")[2]
    kept = textwrap.dedent(text).splitlines()
    for line, bare in zip(text.splitlines(), kept, strict=True):
        if bare.strip():
            return line[: len(line) - len(bare)]
    return ""


def _indented(parts: Parts, margin: str, first: bool) -> Parts:
    """The parts with the margin before each line, the first one or not, that holds something and lacks it."""
    done: list[str | Variable] = []
    fresh = first  # at the start of a line
    for part in parts:
        if isinstance(part, Variable):
            done += [margin, part] if fresh else [part]
            fresh = False
            continue
        lines = part.split("\n")
        for index, line in enumerate(lines):
            begins = fresh if index == 0 else True
            lines[index] = margin + line if begins and line.strip() and not line.startswith(margin) else line
        fresh = (fresh or len(lines) > 1) and not lines[-1]
        done.append("\n".join(lines))
    return normal(tuple(done))
