"""The id of a model where the source names it: bound as a change of that one text, its provider kept.

Knows nothing of which models there are or what they cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from harness import documents
from harness.changes.brought import check_brought
from harness.changes.refusals import Refused, where_of
from harness.types import Change, Node, Proposal, text_of

MODEL = "model"  # Change.parameter of a model's id


def bind_model(proposal: Proposal, node: Node, nodes: Sequence[Node], *, id: str, proposer: str) -> Change:
    """The proposal as a change of the id of a model of ``node``; it names those of ``nodes`` that share the place.

    Where the source says "provider:id" the provider stays. Raises Refused when the place is none of the node's models',
    and for a new id that is empty, the old one, or one of another provider.
    """
    place = proposal.place
    uses = [use for use in node.models if place is not None and use.literals.get(MODEL) == place]
    if place is None or not uses:
        words = f"the id of a model of {node.name} has no place in the code that is known"
        raise Refused(words, where=f"{node.file}:{node.first_line}")
    use, new = uses[0], text_of(proposal.parts).strip()
    if proposal.brings:
        check_brought(proposal.brings, place)
    head = use.written.removesuffix(use.id) if use.id else ""
    other, colon, _ = new.partition(":")
    if colon and use.provider and other != use.provider and other.isidentifier():
        words = f"{new} names the provider {other}, and the model here is one of {use.provider}"
        raise Refused(words, where=where_of(place), fix="change the client by hand and try it with `harness try`")
    if not proposal.brings:  # the id of an adapter is written out by who proposes it
        new = new.removeprefix(head or f"{use.provider}:")
    if not new or "\n" in new:
        raise Refused(f"{new!r} is no id of a model", where=where_of(place))
    whole = new if proposal.brings else head + new
    if whole == use.written:
        raise Refused(f"the model is {new} already", where=where_of(place))
    return Change(
        id, node.name, proposal.technique, MODEL, place, (use.written,), (whole,), proposal.why, proposer,
        tuple(n.name for n in nodes if any(u.literals.get(MODEL) == place for u in n.models)),
        parameter=MODEL, brings=proposal.brings,
        kind=documents.SUFFIXES.get(PurePosixPath(place.file).suffix, "constant"),
    )  # fmt: skip
