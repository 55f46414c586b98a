"""Model choice: another model of the same provider, out of those that the settings allow. Knows no model and no price.

The list ``models`` is the user's, cheapest first. Where the goal is to spend less or to be quicker, those before the
model in use are proposed; else those behind it, the next one first.
"""

from __future__ import annotations

from harness.proposers.place import fresh
from harness.types import Brief, ModelUse, Proposal, Technique

NAME = "model_choice"
VERSION = "1"
TECHNIQUE = Technique(
    name="model choice",
    symptom="the settings allow other models than the node's",
    accuracy="up with a larger model, down with a smaller one",
    latency="down with a smaller model",
    cost="down with a smaller model, up with a larger one",
    stars=3,
    reason="often the largest lever on cost; what a smaller model loses is shown by the guardrails",
    parameter="model",
)


def propose(brief: Brief) -> list[Proposal]:
    """One proposal for each allowed model, where the id stands in the repository as a text; none without a list."""
    found = []
    for use in brief.node.models:
        place = use.literals.get("model")
        if place is not None:
            why = f"the model is {use.id} and `models` allows another"
            found += [Proposal(TECHNIQUE.name, (name,), why, "model", place) for name in _others(use, brief)]
    return fresh(brief, found)


def _others(use: ModelUse, brief: Brief) -> list[str]:
    """Allowed ids in the order to be tried."""
    names = [
        name.removeprefix(f"{use.provider}:")
        for name in brief.models
        if ":" not in name or name.startswith(f"{use.provider}:")
    ]
    if use.id not in names:
        return names
    at = names.index(use.id)
    return names[:at] if brief.direction == "lower" else names[at + 1 :]
