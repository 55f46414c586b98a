"""Role: a first sentence that says who answers. Knows nothing of the task but what the prompt and its node call it."""

from __future__ import annotations

import re

from harness.literals import normal
from harness.proposers.evidence import right
from harness.proposers.place import case_variables, fresh, noun, one_of
from harness.types import Brief, Proposal, Technique

NAME = "role"
VERSION = "1"
TECHNIQUE = Technique(
    name="role",
    symptom="cases are answered wrongly and the prompt says nothing of who answers",
    accuracy="±0 to up a little",
    latency="±0",
    cost="±0",
    stars=1,
    reason="sets tone and care rather than knowledge; current models gain little from it",
)
_SAID = re.compile(r"\b(you are|you're|act as|your role|as an? (expert|assistant|experienced))\b", re.I)


def propose(brief: Brief) -> list[Proposal]:
    """The sentence at the beginning; none where the prompt has one or nothing is answered wrongly."""
    failing = sum(right(o, brief.direction) is False for o in brief.observations)
    told = " ".join(
        str(m.get("content", "")) for o in brief.observations[:1] for m in o.messages if m.get("role") == "system"
    )
    if not failing or _SAID.search(brief.prompt.text) or _SAID.search(told):
        return []
    variables = case_variables(brief.prompt, brief.observations)
    thing = one_of(noun(variables[0])) if variables else "a case like this"
    line = f"You are an experienced specialist who has handled {thing} many times and answers with care.\n\n"
    why = f"{failing} of {len(brief.observations)} dev cases are answered wrongly and nothing says who answers"
    return fresh(brief, [Proposal(TECHNIQUE.name, normal((line, *brief.prompt.parts)), why)])
