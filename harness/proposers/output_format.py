"""Output format: says what the reply must consist of, read off the shape of the wanted answers.

It speaks only where replies really have another shape, and never about free text, whose shape is nobody's to fix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.answers import fixed_keys, mentions, normal, parsed
from harness.proposers.evidence import labels_of, wanted_answers
from harness.proposers.place import case_variables, fresh, insert
from harness.types import Brief, Observation, Proposal, Technique

NAME = "output_format"
VERSION = "1"
TECHNIQUE = Technique(
    name="output format",
    symptom="replies have another shape than the wanted answers",
    accuracy="up",
    latency="down",
    cost="down",
    stars=4,
    reason="a reply in another shape counts as wrong however right it is, and one line mends most of them",
)

_IN_SHAPE = 0.98  # share of replies in shape from which nothing needs to be said
_FEWEST = 3  # wanted answers that show a shape
_VALUE_CHARS = 60  # a value to be extracted is at most this long


def propose(brief: Brief) -> list[Proposal]:
    """One or two wordings for the shape found; none for free text or where replies have the shape already."""
    seen = [o for o in brief.observations if o.wanted is not None and o.heard]
    if len(seen) < _FEWEST:
        return []
    if labels := labels_of(seen):
        known = {normal(label) for label in labels}
        inside = [o for o in seen if normal(o.answer) in known]
        lines, shape = _label_lines(brief, labels), "a bare label"
    elif keys := fixed_keys(wanted_answers(seen)):
        inside = [o for o in seen if _has_keys(o.answer, keys)]
        lines, shape = _json_lines(keys), "the JSON that is wanted"
    else:
        inside = [o for o in seen if not _wrapped_value(o)]
        lines, shape = _value_lines(), "the bare value"
    if len(inside) >= _IN_SHAPE * len(seen):
        return []
    why = f"{len(seen) - len(inside)} of {len(seen)} replies on dev are not {shape}"
    variables = case_variables(brief.prompt, brief.observations)
    return fresh(brief, (Proposal(TECHNIQUE.name, insert(brief.prompt, line, variables), why) for line in lines))


def _label_lines(brief: Brief, labels: Sequence[str]) -> list[str]:
    named = all(mentions(brief.prompt.text, label) for label in labels)
    among = "one of the labels above" if named else f"one of these: {', '.join(labels)}"
    return [
        f"Reply with {among}, and write nothing but that label: no sentence, no explanation, no punctuation.",
        f"Your whole reply must be {among}. Anything asked for beyond the label is to be left out.",
    ]


def _json_lines(keys: Mapping[str, str]) -> list[str]:
    fields = ", ".join(f'"{key}" ({kind})' for key, kind in keys.items())
    return [
        f"Reply with one JSON object and nothing around it. Its keys are exactly: {fields}.",
        f"The reply is read by a program: give a single JSON object with the keys {fields}, no other text.",
    ]


def _value_lines() -> list[str]:
    return ["Reply with the value itself and nothing else: no sentence around it, no explanation."]


def _has_keys(answer: str, keys: Mapping[str, str]) -> bool:
    value = parsed(answer)
    return isinstance(value, dict) and value.keys() == keys.keys()


def _wrapped_value(observation: Observation) -> bool:
    """Whether the reply holds the wanted value among other words."""
    wanted, answer = normal(observation.wanted or ""), normal(observation.answer)
    return len(wanted) <= _VALUE_CHARS and wanted != answer and mentions(answer, wanted)
