"""Class definitions: what the cases of each label talk about, in the words of the dev cases.

Everything it says is counted, so it holds for any task whose wanted answers are a closed list, and says nothing for
others.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.answers import normal
from harness.proposers.labelled import RESIDUAL, Labelled, all_named, read
from harness.proposers.place import fresh, insert, one_of
from harness.types import Brief, Proposal, Technique

NAME = "definitions"
VERSION = "2"
TECHNIQUE = Technique(
    name="class definitions",
    symptom="labels are taken for each other and the prompt does not say what they mean",
    accuracy="up",
    latency="±0",
    cost="up by the longer prompt",
    stars=4,
    reason="tells what a name leaves open, for every label at once; words seen in few cases may not carry over",
)

_MARKS = (6, 3)  # phrases per label: the full wording, the short one


def propose(brief: Brief) -> list[Proposal]:
    """A line per label, in a full and a short wording.

    None where the wanted answers are no closed list, nothing is answered wrongly, or the prompt defines its labels.
    """
    seen = read(brief)
    if seen is None or _defined(brief.prompt.text, seen.labels):
        return []
    head = f"hat {one_of(seen.subject)} with each label talks about:"
    head = f"W{head}" if all_named(brief.prompt.text, seen.labels) else f"The possible labels, and w{head}"
    why = f"{seen.symptom}, and the prompt does not say what the labels mean"
    blocks = ("\n".join((head, *_lines(seen, most))) for most in _MARKS)
    return fresh(brief, (Proposal(TECHNIQUE.name, insert(brief.prompt, b, seen.variables), why) for b in blocks))


def _defined(text: str, labels: Sequence[str]) -> bool:
    """Whether most labels already have a line of their own that goes on after the label."""
    lines = [normal(line).lstrip("-*• ") for line in text.splitlines()]
    described = sum(
        any(line.startswith(f"{normal(label)}:") and len(line) > len(label) + 2 for line in lines) for label in labels
    )
    return 2 * described > len(labels)


def _lines(seen: Labelled, most: int) -> list[str]:
    lines = []
    for label in seen.labels:
        group = {t.text: t.weight for t in seen.texts if t.wanted == normal(label)}
        if normal(label) in RESIDUAL:
            lines.append(f"- {label}: whatever none of the others covers")
        elif marks := seen.marks(label, group, most):
            lines.append(f"- {label}: {'; '.join(marks)}")
        else:
            lines.append(f"- {label}")
    return lines
