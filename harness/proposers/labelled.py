"""The dev cases of a node that chooses from a closed list of labels, as the techniques about labels read them.

Counts only; what is made of it and how it is worded is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from harness.answers import mentions, normal
from harness.proposers.evidence import chosen_label, labels_of, right
from harness.proposers.place import case_variables, input_text, noun
from harness.proposers.words import telling
from harness.types import Brief

RESIDUAL = frozenset({"other", "others", "general", "misc", "miscellaneous", "none", "unknown", "else"})
_SETTLED = 0.25  # weight of a case that gets its label already, beside 1 for one that fails
_READ = 600  # cases


@dataclass(frozen=True, slots=True)
class Text:
    """One case: its text, the labels wanted and given, and how much it asks for a mention."""

    text: str
    wanted: str  # normalised
    given: str  # normalised, "" when the reply names no label
    weight: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """The cases of a brief, their labels and what to call a case."""

    labels: tuple[str, ...]
    subject: str  # "ticket"
    variables: tuple[str, ...]  # of the prompt, those that carry the case
    texts: tuple[Text, ...]
    symptom: str  # "12 of 80 dev cases get a wrong label"

    def marks(self, label: str, group: Mapping[str, float], most: int) -> list[str]:
        """Phrases that tell the weighted texts of ``group``, wanted ``label``, from the texts of the other labels."""
        return telling(group, [t.text for t in self.texts if t.wanted != normal(label)], most)


def read(brief: Brief) -> Labelled | None:
    """The cases by label; None where the wanted answers are no closed list or nothing is answered wrongly."""
    labels = labels_of(brief.observations)
    failing = [o for o in brief.observations if right(o, brief.direction) is False]
    if not labels or not failing:
        return None
    variables = case_variables(brief.prompt, brief.observations)
    known = [o for o in brief.observations if o.wanted is not None]
    known = known if len(known) <= _READ else Random(brief.seed).sample(known, _READ)
    texts = []
    for o in known:
        wanted, given = normal(o.wanted or ""), normal(chosen_label(o.answer, labels) or "")
        settled = given == wanted if o.heard else right(o, brief.direction)
        texts.append(Text(input_text(o, variables), wanted, given, _SETTLED if settled else 1.0))
    subject = noun(variables[0]) if len(variables) == 1 else "text"
    subject = "text" if subject.endswith("s") else subject  # "notes", "messages": several things make one case
    symptom = f"{len(failing)} of {len(brief.observations)} dev cases get a wrong label"
    return Labelled(labels, subject, variables, tuple(texts), symptom)


def all_named(text: str, labels: Sequence[str]) -> bool:
    """Whether a text names every label."""
    return all(mentions(text, label) for label in labels)
