"""Reasoning: asks for the steps before the answer, where the answer has to be worked out. For one-step tasks nothing.

An app that compares or parses the whole reply breaks on steps that are written out, so the first proposal keeps them to
the model; which of the two a parser bears is measured, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.proposers.evidence import labels_of, right
from harness.proposers.place import case_variables, fresh, input_text, insert
from harness.types import Brief, Observation, Proposal, Technique

NAME = "reasoning"
VERSION = "1"
TECHNIQUE = Technique(
    name="reasoning",
    symptom="answers that have to be worked out in several steps are wrong",
    accuracy="up on tasks of several steps, ±0 elsewhere",
    latency="up",
    cost="up by the steps that are written",
    stars=3,
    reason="helps where a number is computed or facts are joined; on one-step tasks it costs tokens and breaks parsers",
)
_SILENT = (
    "Work the answer out step by step before you write: find what is given, join or compute what is needed, check the "
    "result against the question. Reply with the answer alone, in the form asked for above."
)
_ALOUD = "First write the steps that lead to the answer, one a line. Then write the answer alone on the last line."
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")
_ASKED = re.compile(r"\b(step by step|think (carefully|first|through)|reason(ing)?|chain of thought)\b", re.I)
_STEPS = 3  # sentences of a case from which several facts may have to be joined


def propose(brief: Brief) -> list[Proposal]:
    """The steps kept to the model, and written out; none where the task has one step or nothing is answered wrongly."""
    failing = sum(right(o, brief.direction) is False for o in brief.observations)
    variables = case_variables(brief.prompt, brief.observations)
    what = worked_out(brief.observations, variables)
    if not failing or not what or _ASKED.search(brief.prompt.text):
        return []
    why = f"{failing} of {len(brief.observations)} dev cases are answered wrongly and {what}"
    texts = (insert(brief.prompt, line, variables) for line in (_SILENT, _ALOUD))
    return fresh(brief, (Proposal(TECHNIQUE.name, parts, why) for parts in texts))


def worked_out(observations: Sequence[Observation], variables: Sequence[str]) -> str:
    """What shows that answers take several steps: they are computed, tools were called, facts are many. "" = nothing.

    A label of a closed list is one step.
    """
    known = [(o, input_text(o, variables)) for o in observations if o.wanted]
    if not known or labels_of(observations):
        return ""
    numbers = [
        _NUMBER.fullmatch(o.wanted.strip()) is not None and o.wanted.strip() not in text
        for o, text in known
        if o.wanted
    ]
    if sum(numbers) * 2 > len(known):
        return "their answers are numbers that stand in no case"
    if any(message.get("role") == "tool" for o in observations for message in o.messages):
        return "the answer rests on what tools said"
    joined = [len(re.findall(r"[.!?](?:\s|$)", text)) >= _STEPS and (o.wanted or "") not in text for o, text in known]
    return "their answers stand in no single sentence of the case" if sum(joined) * 2 > len(known) else ""
