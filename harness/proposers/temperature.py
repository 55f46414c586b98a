"""Temperature by task kind: 0 where the answer is one of a closed list or JSON with fixed keys; free text is left."""

from __future__ import annotations

from harness.answers import fixed_keys
from harness.proposers.evidence import labels_of, right, wanted_answers
from harness.proposers.parameters import Setting, settings
from harness.proposers.place import fresh
from harness.types import Brief, Proposal, Technique

NAME = "temperature"
VERSION = "1"
TECHNIQUE = Technique(
    name="temperature",
    symptom="an answer of fixed form is drawn at random",
    accuracy="up a little and steadier",
    latency="±0",
    cost="±0",
    stars=3,
    reason="takes away draws that miss the likeliest answer; does nothing where that answer is wrong",
    parameter="temperature",
)


def propose(brief: Brief) -> list[Proposal]:
    """Temperature 0 for each model of the node that has another one, or none, at a place that can be edited.

    None for free text, where nothing is answered wrongly, and where the goal is to spend less.
    """
    failing = sum(right(o, brief.direction) is False for o in brief.observations)
    fixed = labels_of(brief.observations) or fixed_keys(wanted_answers(brief.observations))
    if brief.direction == "lower" or not failing or not fixed:
        return []
    warm = [setting for setting in settings(brief.node, ["temperature"]) if setting.value != 0]
    return fresh(brief, (_cold(setting, failing, len(brief.observations)) for setting in warm))


def _cold(setting: Setting, failing: int, seen: int) -> Proposal:
    now = "the model's own default" if setting.value is None else f"{setting.value:g}"
    why = f"{failing} of {seen} dev cases are answered wrongly at temperature {now}, and the answers have a fixed form"
    return Proposal(TECHNIQUE.name, ("0",), why, setting.name, setting.place)
