"""Label list: the labels that the node chooses from, named in the prompt."""

from __future__ import annotations

from harness.proposers.labelled import all_named, read
from harness.proposers.place import fresh, insert
from harness.types import Brief, Proposal, Technique

NAME = "label_list"
VERSION = "1"
TECHNIQUE = Technique(
    name="label list",
    symptom="the wanted answers are a closed list that the prompt does not name in full",
    accuracy="up",
    latency="±0",
    cost="±0",
    stars=5,
    reason="no model can guess the spelling of labels; once they are named there is nothing left to gain",
)


def propose(brief: Brief) -> list[Proposal]:
    """One line with all labels; none where the prompt names each of them or nothing is answered wrongly."""
    seen = read(brief)
    if seen is None or all_named(brief.prompt.text, seen.labels):
        return []
    line = f"Possible labels: {', '.join(seen.labels)}."
    why = f"{seen.symptom}, and the prompt does not name the labels"
    return fresh(brief, [Proposal(TECHNIQUE.name, insert(brief.prompt, line, seen.variables), why)])
