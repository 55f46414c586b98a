"""System/human split, as far as one text allows: the case text marked off from the instructions in the same message.

Two messages in place of one would be a change of the app's code and not of a text, so that is left to a person: the
target list says where it would help. This technique says nothing of prompts whose case text stands apart already.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.literals import normal
from harness.proposers.evidence import right
from harness.proposers.place import case_variables, fresh, noun
from harness.types import Brief, Parts, Prompt, Proposal, Technique, Variable

NAME = "split"
VERSION = "1"
TECHNIQUE = Technique(
    name="system/human split",
    symptom="instructions and case text run into each other in one message",
    accuracy="up a little",
    latency="±0",
    cost="±0",
    stars=2,
    reason="helps where cases read like instructions; most models tell a case at the end of a line from what precedes",
)

_INSTRUCTIONS = 8  # words from which the text around the case is an instruction
_RUNS_ON = re.compile(r"[^\n:.!?]*[\w)\"'][:.!?][ \t]+\Z")  # the end of a sentence on the line of the case
_LABEL = re.compile(r"(?:^|\n)[ \t]*[\w ]{1,30}:[ \t]*\Z")  # "Ticket: " alone before the case stands apart


def propose(brief: Brief) -> list[Proposal]:
    """The case text between marks on lines of its own; none in a system prompt, and none where that would cut a
    sentence or where nothing is answered wrongly."""
    failing = sum(right(o, brief.direction) is False for o in brief.observations)
    at = _place(brief.prompt, case_variables(brief.prompt, brief.observations))
    if not failing or at is None:
        return []
    why = (
        f"{failing} of {len(brief.observations)} dev cases are answered wrongly and the case follows on the instruction"
    )
    return fresh(brief, [Proposal(TECHNIQUE.name, _marked_off(brief.prompt.parts, at), why)])


def _place(prompt: Prompt, variables: Sequence[str]) -> int | None:
    """Index of the only case variable, where it ends its line after the end of a sentence of an instruction."""
    places = [i for i, p in enumerate(prompt.parts) if isinstance(p, Variable) and p.name in variables]
    if prompt.role == "system" or len(places) != 1 or places[0] == 0:
        return None
    before, after = prompt.parts[places[0] - 1], prompt.parts[places[0] + 1 : places[0] + 2]
    words = sum(len(p.split()) for p in prompt.parts if isinstance(p, str))
    ends = all(isinstance(part, str) and part.startswith("\n") for part in after)
    if not isinstance(before, str) or words < _INSTRUCTIONS or not ends:
        return None
    return places[0] if _RUNS_ON.search(before) and not _LABEL.search(before) else None


def _marked_off(parts: Parts, at: int) -> Parts:
    variable = parts[at]
    name = noun(variable.name if isinstance(variable, Variable) else "").replace(" ", "_")
    before = "".join(p for p in parts[at - 1 : at] if isinstance(p, str)).rstrip()
    return normal((*parts[: at - 1], f"{before}\n\n<{name}>\n", variable, f"\n</{name}>", *parts[at + 1 :]))
