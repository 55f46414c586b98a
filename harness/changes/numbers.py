"""A number given to a model: bound as a change, and written into the program where it stands in one.

Knows nothing of texts or of what a number does to a model.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from harness.changes.identities import MODEL, bind_model
from harness.changes.programs import without
from harness.changes.refusals import Refused, where_of
from harness.changes.voting import SAMPLES, bind_samples
from harness.sources import Source, UnreadableError
from harness.types import Change, Node, Proposal, Span, text_of


def bind_parameter(proposal: Proposal, node: Node, nodes: Sequence[Node], *, id: str, proposer: str) -> Change:
    """The proposal as a change of one number given to a model of ``node``; it names those of ``nodes`` that share it.

    The parameter "model" is no number but the model's id, see ``identities``; "samples" is none of a model's but of a
    call of it, see ``voting``. Raises Refused when the place is none of the node's models', or the new value is no
    number.
    """
    if proposal.parameter == SAMPLES:
        return bind_samples(proposal, node, nodes, id=id, proposer=proposer)
    if proposal.parameter == MODEL:
        return bind_model(proposal, node, nodes, id=id, proposer=proposer)
    name, place = proposal.parameter, proposal.place
    uses = [use for use in node.models if place is not None and place in (use.literals.get(name), use.room)]
    if place is None or not uses:
        words = f"{name} of a model of {node.name} has no place in the code that is known"
        raise Refused(words, where=f"{node.file}:{node.first_line}")
    if variable := next((use.overrides[name] for use in uses if name in use.overrides), ""):
        words = f"the environment variable {variable} gives {name}: a number in the code would not reach the model"
        raise Refused(words, where=uses[0].where, fix=f"set {variable} where the app runs")
    given = [use.parameters[name] for use in uses if use.literals.get(name) == place]
    new = text_of(proposal.parts).strip()
    if (value := as_number(new)) is None:
        raise Refused(f"{new!r} is no number for {name}", where=where_of(place))
    if given and value == given[0]:
        raise Refused(f"{name} is {new} already", where=where_of(place))
    return Change(
        id, node.name, proposal.technique, name, place, (repr(given[0]),) if given else (), (new,), proposal.why,
        proposer, tuple(n.name for n in nodes if any(place in (*u.literals.values(), u.room) for u in n.models)),
        parameter=name,
    )  # fmt: skip


def new_number(change: Change) -> float:
    """What a parameter is set to. Raises Refused for a change of a text."""
    value = as_number(text_of(change.new)) if change.parameter else None
    if value is None:
        raise Refused("this change sets no parameter", where=where_of(change.span))
    return value


class Number:
    """A number of a program, or the place for a further keyword argument where ``Change.old`` is empty."""

    def holds(self, source: Source, change: Change) -> bool:
        """Whether the number to be replaced is there."""
        text = source.slice(change.span)
        return as_number(text) == as_number(text_of(change.old)) if change.old else text == ""

    def code(self, source: Source, change: Change) -> str:
        """The new number, as a further keyword argument where it was not given before."""
        new = text_of(change.new)
        return new if change.old else f", {change.parameter}={new}"

    def is_only(self, source: Source, written: Source, span: Span, change: Change) -> bool:
        """Whether ``written`` is the same program but for the number at ``span``."""
        if change.old:
            return without(source, change.span) == without(written, span)
        return ast.dump(source.tree()) == _without_keyword(written, span, change)


def as_number(text: str) -> float | None:
    """The number that a literal without a sign stands for; None for everything else."""
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _without_keyword(source: Source, span: Span, change: Change) -> str:
    """The syntax tree without the keyword argument that stands within ``span`` with the new value."""
    tree, number = source.tree(), as_number(text_of(change.new))
    taken = 0
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        given = [keyword for keyword in call.keywords if keyword.arg == change.parameter]
        place = source.span(span.file, given[0].value) if len(given) == 1 else None  # Python refuses a second one
        if place and place.end == span.end and place.start > span.start and as_number(source.slice(place)) == number:
            call.keywords.remove(given[0])
            taken += 1
    if taken != 1:
        raise UnreadableError(f"no single keyword at line {span.line}")
    return ast.dump(tree)
