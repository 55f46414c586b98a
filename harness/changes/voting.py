"""A model call made several times, whose commonest reply counts: a helper in the user's own file, and the call of it.

The helper stands in front of the definition that holds the call, needs nothing but what the model brings, and gives
one of the model's own replies, so that the node gets what it got before. Knows nothing of whether a vote is any good.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from harness.changes.refusals import Refused, where_of
from harness.literals import LiteralError
from harness.sources import Source
from harness.types import Change, Node, Proposal, Span, text_of

SAMPLES = "samples"  # Change.parameter of such a change; its value is how many
_MOST = 9  # samples: beyond it a vote gains nothing and costs as much again

_HELPER = '''\
{begins}def {name}(model, samples, messages):
    """The reply that most of several have, drawn at temperature 0.7; letter case and spaces aside."""
    replies = {waits}model.bind(temperature=0.7).{batch}([messages for _ in range(samples)])
    said = [" ".join(str(reply.content).casefold().split()) for reply in replies]
    return replies[said.index(max(sorted(said), key=said.count))]


'''
_HELPERS = {
    "invoke": ("_commonest_reply", _HELPER.format(begins="", name="_commonest_reply", waits="", batch="batch")),
    "ainvoke": (
        "_commonest_areply",
        _HELPER.format(begins="async ", name="_commonest_areply", waits="await ", batch="abatch"),
    ),
}
_JOINT = re.compile(r"\s*\.\s*(a?invoke)\s*\(\s*")  # between the model and what it is given


def bind_samples(proposal: Proposal, node: Node, nodes: Sequence[Node], *, id: str, proposer: str) -> Change:
    """The proposal as a change of one call of ``node``; it names those of ``nodes`` that make the call.

    Raises Refused where the call cannot be made several times, with the reason, and for a number that is no vote.
    """
    known = {repeat.place for repeat in node.repeats if repeat.place is not None}
    if proposal.place is None or proposal.place not in known:
        reasons = "; ".join(f"{repeat.where}: {repeat.reason}" for repeat in node.repeats if repeat.reason)
        words = f"it does not apply to {node.name}: {reasons or 'no call of a model is known'}"
        raise Refused(words, where=f"{node.file}:{node.first_line}")
    new = text_of(proposal.parts).strip()
    if not (new.isascii() and new.isdecimal() and 2 < int(new) <= _MOST):
        raise Refused(f"{new!r} is no number of samples from 3 to {_MOST}", where=where_of(proposal.place))
    return Change(
        id, node.name, proposal.technique, SAMPLES, proposal.place, (), (new,), proposal.why, proposer,
        tuple(n.name for n in nodes if any(repeat.place == proposal.place for repeat in n.repeats)),
        parameter=SAMPLES,
    )  # fmt: skip


class Vote:
    """A call of a model at the end of the span; where the span begins, a helper may stand."""

    def holds(self, source: Source, change: Change) -> bool:
        """Whether such a call ends where the span does."""
        return bool(_asking(source, change.span))

    def code(self, source: Source, change: Change) -> str:
        """The span with the helper in front, where the file has none yet, and a call of it in place of the model's."""
        span, tree = change.span, source.tree()
        call, model, method = _asking(source, span)[0]
        whom, given = source.span(span.file, model), source.span(span.file, call.args[0])
        name, helper = _HELPERS[method]
        if not _JOINT.fullmatch(source.written(whom.end, given.start)):
            raise LiteralError("the call is written in a way that is left alone")
        held = _helpers(tree, name)
        if not held and any(_names(node, name) for node in ast.walk(tree)):
            raise LiteralError(f"the file has another {name}")
        first = "" if held else helper.replace("\n", source.newline)
        before, asked = source.written(span.start, whom.start), source.written(whom.start, whom.end)
        return f"{first}{before}{name}({asked}, {text_of(change.new)}, {source.written(given.start, span.end)}"

    def is_only(self, source: Source, written: Source, span: Span, change: Change) -> bool:
        """Whether ``written`` is the same program once the helper and the call of it are taken out."""
        tree = written.tree()
        names = {name: method for method, (name, _) in _HELPERS.items()}
        for call in _ending(tree, written, span):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            held = _helpers(tree, name)
            if len(held) != 1 or len(call.args) != 3 or ast.unparse(call.args[1]) != text_of(change.new):
                continue
            if not _helpers(source.tree(), name):
                tree.body.remove(held[0])
            call.func, call.args = ast.Attribute(call.args[0], names[name], ast.Load()), [call.args[2]]
            return ast.dump(tree) == ast.dump(source.tree())
        return False


def _asking(source: Source, span: Span) -> list[tuple[ast.Call, ast.expr, str]]:
    """The call of a model that ends where the span does, the model and the method; none where there is no such call."""
    return [
        (call, call.func.value, call.func.attr)
        for call in _ending(source.tree(), source, span)
        if isinstance(call.func, ast.Attribute) and call.func.attr in _HELPERS
        if len(call.args) == 1 and not call.keywords
    ]


def _ending(tree: ast.Module, source: Source, span: Span) -> list[ast.Call]:
    """The calls that end where the span does: one, or none."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    places = [(source.span(span.file, call), call) for call in calls]
    return [call for place, call in places if place.end == span.end and place.start >= span.start]


def _helpers(tree: ast.Module, name: str) -> list[ast.stmt]:
    """The definitions of the helper in a file, as we write it."""
    ours = {ast.dump(ast.parse(helper).body[0]) for own, helper in _HELPERS.values() if own == name}
    return [node for node in tree.body if ast.dump(node) in ours]


def _names(node: ast.AST, name: str) -> bool:
    return name in (getattr(node, key, None) for key in ("id", "name", "asname", "arg"))
