"""The target list and the priority matrix: which prompt to work on first, and why.

Impact comes from what was measured; the text of a prompt only says which ideas apply. Knows nothing of proposers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.analyse.issues import ISSUES, Issue, Shape, Sign, Subject
from harness.answers import closed_labels, fixed_keys, normal, same
from harness.types import Discovery, Node, NodeCost, Observation, Prompt, Target, Technique, Weakness

Seen = Mapping[str, Sequence[Observation]]  # prompt id -> its observations

_IMPACTS = ((0.0, 1), (0.1, 2), (0.25, 3), (0.5, 4), (1.0, 5))  # share of wrong replies up to -> impact
_SPENDERS = ((0.1, 1), (0.25, 2), (0.5, 3), (0.75, 4), (1.0, 5))  # share of what a run spends up to -> impact
_CHEAP = ((300.0, 5), (1000.0, 4), (3000.0, 3), (10_000.0, 2))  # tokens per case up to -> cheapness, above: 1
_SPENT = {"s": "seconds", "tokens": "tokens", "USD": "tokens"}  # unit of a metric -> field of NodeCost
_IN_SHAPE = 0.98  # share of replies in shape from which nothing needs to be said of it
_UNKNOWN = 3  # impact before anything is measured
_UNJUDGED = 2  # impact where the cases do not say what this node should reply
_PHRASE = 30  # characters up to which a reply is shown whole
_AUTHORED = 4  # words from which a text says something of its own; "Ticket: {ticket}" does not
_FEASIBLE = {"proved": 5, "likely": 2, "unresolved": 1}
_SEEN = 4  # feasibility of a text that was sent and stands at two places: an edit of the wrong one does nothing
_CHOOSES = re.compile(r"\bclassif|\bcategor|\blabel|\bintent|\broute\b|\bwhich (queue|team|kind|type|class)\b", re.I)


def targets(
    found: Discovery, seen: Seen, costs: Sequence[NodeCost], techniques: Sequence[Technique] = (), unit: str = ""
) -> tuple[Target, ...]:
    """One row per authored prompt of an LLM node, the highest total first, longer prompts first among equals.

    Before anything is measured, ``seen`` and ``costs`` are empty and impact is a middling guess. Texts of a few words
    that pass a variable on are no target beside a longer one. ``techniques`` say what each idea is expected to do;
    ``unit`` is that of the metric aimed at. impact: share of wrong replies (0 = 1, to 10 % = 2, 25 % = 3, 50 % = 4,
    above = 5), or for a metric in s, tokens or USD the node's share of the seconds or tokens (to 10 % = 1, 25 % = 2,
    50 % = 3, 75 % = 4, above = 5); feasibility: 5 for a proved prompt whose answers can be checked, less without;
    cheapness: tokens per case of the node (to 300 = 5, 1,000 = 4, 3,000 = 3, 10,000 = 2, above = 1).
    """
    context = _Context(seen, {c.node: c for c in costs}, {t.name: t for t in techniques}, unit)
    rows = []
    for node in found.nodes:
        own = [p for p in found.prompts if node.is_llm and p.nodes and p.nodes[0] == node.name]
        most = max(map(_words, own), default=0)
        for prompt in own:
            if _words(prompt) >= min(most, _AUTHORED) > 0:
                rows.append((_target(node, prompt, own, context), _words(prompt)))
    rows.sort(key=lambda row: (-row[0].total, -row[1], row[0].node, row[0].prompt))
    return tuple(target for target, _ in rows)


def _words(prompt: Prompt) -> int:
    """Words that someone wrote, variables not counted."""
    return sum(len(re.findall(r"\w+", part)) for part in prompt.parts if isinstance(part, str))


@dataclass(frozen=True, slots=True)
class _Context:
    """What every row is made from."""

    seen: Seen
    costs: Mapping[str, NodeCost]  # by node
    techniques: Mapping[str, Technique]  # by name
    unit: str  # of the metric aimed at

    def weakness(self, issue: Issue, sign: Sign) -> Weakness:
        """An issue with what shows it, what to do, and what is expected of the technique that does it."""
        known = self.techniques.get(issue.technique)
        plain = Weakness(issue.name, sign.where, sign.words, issue.idea)
        if known is None:
            return plain
        return replace(
            plain,
            technique=known.name,
            accuracy=known.accuracy,
            latency=known.latency,
            cost=known.cost,
            stars=known.stars,
            reason=known.reason,
        )


def _idea(told: Weakness) -> str:
    """What to do, with the technique that does it, its expected effect, its stars and their reason."""
    if not told.technique:
        return told.idea
    effect = f"accuracy {told.accuracy}, latency {told.latency}, cost {told.cost}"
    return f"{told.idea} ({told.technique}: {effect}; {told.stars} of 5: {told.reason})"


def _target(node: Node, prompt: Prompt, own: Sequence[Prompt], context: _Context) -> Target:
    observations = context.seen.get(prompt.id, ())
    answers = [o.wanted for o in observations if o.wanted is not None]
    subject = replace(_subject(node, own, answers), in_shape=_in_shape(observations))
    signs = [(issue, issue.found(subject)) for issue in ISSUES]
    weak = tuple(context.weakness(issue, sign) for issue, sign in signs if sign is not None)
    impact, because = _spends(node.name, context) if context.unit in _SPENT else _impact(observations)
    checked = 0 if subject.shape in ("labels", "fields") else 1
    cost = context.costs.get(node.name)
    return Target(
        node=node.name,
        prompt=prompt.id,
        role=_role(subject, answers),
        issues=tuple(told.issue for told in weak),
        ideas=tuple(map(_idea, weak)),
        impact=impact,
        feasibility=max(1, (_SEEN if prompt.seen else _FEASIBLE[prompt.proof]) - checked - (not weak)),
        cheapness=_UNKNOWN if cost is None else next((stars for most, stars in _CHEAP if cost.tokens <= most), 1),
        why=f"{because}; prompt {prompt.proof}" + ("" if cost is None else f"; {cost.tokens:.0f} tokens a case"),
        weaknesses=weak,
        reasons=(because, _feasible(prompt, checked=not checked, weak=bool(weak)), _cheap(cost)),
    )


def _feasible(prompt: Prompt, *, checked: bool, weak: bool) -> str:
    """Why a change of the prompt can be made and judged, or not so well."""
    words = [f"prompt {prompt.proof}{f' ({prompt.reason})' if prompt.reason and prompt.proof != 'proved' else ''}"]
    words += ["its answers can be checked" if checked else "its answers are no labels or fields"]
    return ", ".join([*words, *([] if weak else ["no issue is seen"])])


def _cheap(cost: NodeCost | None) -> str:
    return "not measured yet" if cost is None else f"{cost.tokens:.0f} tokens a case"


def _subject(node: Node, own: Sequence[Prompt], answers: Sequence[str]) -> Subject:
    text = " ".join(part for p in own for part in p.parts if isinstance(part, str))  # names of variables ask nothing
    labels = closed_labels(answers)
    shape: Shape = "text" if answers else "unknown"
    if labels or (not answers and _CHOOSES.search(f"{node.name.replace('_', ' ')} {text}")):
        shape = "labels"
    elif fixed_keys(answers):
        shape = "fields"
    alone = all(p.role != "system" for p in own)
    mixed = alone and any(p.variables and p.role and _words(p) > _AUTHORED for p in own)
    return Subject(tuple(own), mixed, shape, labels, node.models)


def _in_shape(observations: Sequence[Observation]) -> bool:
    """Whether nearly all replies are a label, or an object with the keys, that some case wants."""
    judged = [o for o in observations if o.wanted is not None]
    answers = [o.wanted for o in judged if o.wanted is not None]
    labels, keys = {normal(label) for label in closed_labels(answers)}, fixed_keys(answers).keys()
    inside = [o for o in judged if normal(o.answer) in labels or (keys and fixed_keys([o.answer]).keys() == keys)]
    return bool(judged) and len(inside) >= _IN_SHAPE * len(judged)


def _role(subject: Subject, answers: Sequence[str]) -> str:
    if subject.labels:
        return f"chooses one of {len(subject.labels)} labels"
    if keys := fixed_keys(answers):
        return f"fills in {', '.join(keys)}"
    return {"labels": "chooses a label", "text": "writes text"}.get(subject.shape, "calls a model")


def _spends(node: str, context: _Context) -> tuple[int, str]:
    """1-5 by the node's share of what the goal is to spend less of, and the reason in words."""
    kind = _SPENT[context.unit]
    total = sum(getattr(cost, kind) for cost in context.costs.values())
    if node not in context.costs or not total:
        return _UNKNOWN, "not measured yet"
    share = getattr(context.costs[node], kind) / total
    return next((stars for most, stars in _SPENDERS if share <= most), 5), f"{share:.0%} of the {kind} of all nodes"


def _impact(observations: Sequence[Observation]) -> tuple[int, str]:
    """1-5 and the reason in words."""
    if not observations:
        return _UNKNOWN, "not measured yet"
    judged = [
        same(o.wanted, o.answer) if o.heard else (o.score or 0.0) >= 1
        for o in observations
        if o.wanted is not None and (o.heard or o.score is not None)
    ]
    if not judged:
        return _UNJUDGED, "the cases do not say what this node should reply"
    wrong = judged.count(False)
    impact = next(stars for most, stars in _IMPACTS if wrong <= most * len(judged))
    return impact, f"{wrong} of {len(judged)} dev replies wrong{_mostly(observations)}"


def _mostly(observations: Sequence[Observation]) -> str:
    """The mistake that is made most, where one is made twice or more: ", mostly 'technical' said as 'billing' (11)"."""
    wrong = [(normal(o.wanted), normal(o.answer)) for o in observations if o.wanted and not same(o.wanted, o.answer)]
    pair, count = next(iter(Counter(wrong).most_common(1)), (("", ""), 0))
    if count < 2 or max(map(len, pair)) > _PHRASE:
        return ""
    return f", mostly {pair[0]!r} said as {pair[1]!r} ({count})"
