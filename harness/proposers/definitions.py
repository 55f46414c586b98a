"""Class definitions with a label list: names the labels, says what marks each, and settles the pairs that get confused.

Everything it says is counted from the dev cases, so it holds for any task whose wanted answers are a closed list, and
says nothing for others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.answers import mentions, normal
from harness.proposers.evidence import chosen_label, labels_of, right
from harness.proposers.place import case_variables, fresh, input_text, insert, noun
from harness.proposers.words import distinctive
from harness.types import Brief, Observation, Proposal

NAME = "definitions"
VERSION = "1"
TECHNIQUE = "class definitions"
TECHNIQUE_LIST = "label list"

_MARKS = 6  # words per label
_RULES = 8  # confused pairs that get a line
_RESIDUAL = frozenset({"other", "others", "general", "misc", "miscellaneous", "none", "unknown", "else"})


def propose(brief: Brief) -> list[Proposal]:
    """List with definitions and rules, list with definitions, rules alone, list alone: those that apply.

    None where the wanted answers are no closed list of labels or nothing is answered wrongly.
    """
    labels = labels_of(brief.observations)
    failing = [o for o in brief.observations if right(o, brief.direction) is False]
    if not labels or not failing:
        return []
    variables = case_variables(brief.prompt, brief.observations)
    texts = {id(o): input_text(o, variables) for o in brief.observations if o.wanted is not None}
    subject = noun(variables[0]) if len(variables) == 1 else "text"
    listed = _listing(brief, labels)
    defined = "" if _has_definitions(brief, labels) else _definitions(brief.observations, labels, texts, subject)
    rules = _rules(brief.observations, labels, texts, subject)
    share = f"{len(failing)} of {len(brief.observations)} dev cases get a wrong label"
    blocks = [
        (TECHNIQUE, [listed, defined, rules], f"{share}, and some labels are taken for each other"),
        (TECHNIQUE, [listed, defined], f"{share}, and the prompt does not say what the labels mean"),
        (TECHNIQUE, [listed, rules], f"{share}, and some labels are taken for each other"),
        (TECHNIQUE_LIST, [listed], f"{share}, and the prompt does not name the labels"),
    ]
    written = [(t, "\n\n".join(p for p in pieces if p), why) for t, pieces, why in blocks if all(pieces[-1:])]
    return fresh(brief, (Proposal(t, insert(brief.prompt, text, variables), why) for t, text, why in written))


def _listing(brief: Brief, labels: Sequence[str]) -> str:
    """A line that names all labels, or "" when the prompt names every one of them already."""
    if all(mentions(brief.prompt.text, label) for label in labels):
        return ""
    return f"Possible labels: {', '.join(labels)}."


def _has_definitions(brief: Brief, labels: Sequence[str]) -> bool:
    """Whether most labels already have a line of their own that goes on after the label."""
    lines = [normal(line).lstrip("-*• ") for line in brief.prompt.text.splitlines()]
    described = sum(
        any(line.startswith(f"{normal(label)}:") and len(line) > len(label) + 2 for line in lines) for label in labels
    )
    return 2 * described > len(labels)


def _definitions(
    observations: Sequence[Observation], labels: Sequence[str], texts: dict[int, str], subject: str
) -> str:
    lines = []
    for label in labels:
        group, others = _divided(observations, label, texts)
        if normal(label) in _RESIDUAL:
            lines.append(f"- {label}: whatever none of the others covers")
        elif marks := distinctive(group, others, _MARKS):
            lines.append(f"- {label}: {', '.join(marks)}")
        else:
            lines.append(f"- {label}")
    return f"What a {subject} with each label talks about:\n" + "\n".join(lines)


def _divided(observations: Sequence[Observation], label: str, texts: dict[int, str]) -> tuple[list[str], list[str]]:
    """Texts whose wanted answer is ``label``, and those of all other labels."""
    group = [texts[id(o)] for o in observations if o.wanted is not None and normal(o.wanted) == normal(label)]
    others = [texts[id(o)] for o in observations if o.wanted is not None and normal(o.wanted) != normal(label)]
    return group, others


def _rules(observations: Sequence[Observation], labels: Sequence[str], texts: dict[int, str], subject: str) -> str:
    """One line per pair "wanted A, answered B" seen twice or more, most frequent first; "" without such pairs."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for o in observations:
        given = chosen_label(o.answer, labels)
        wanted = chosen_label(o.wanted or "", labels)
        if given and wanted and given != wanted:
            pairs.setdefault((wanted, given), []).append(texts[id(o)])
    counts = Counter({pair: len(found) for pair, found in pairs.items() if len(found) > 1})
    lines = []
    for (wanted, given), _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:_RULES]:
        _, others = _divided(observations, wanted, texts)
        if marks := distinctive(pairs[wanted, given], others, _MARKS):
            lines.append(f"- A {subject} about {_either(marks)} is {wanted}, not {given}.")
    return "Labels that are easily mixed up:\n" + "\n".join(lines) if lines else ""


def _either(marks: Sequence[str]) -> str:
    return marks[0] if len(marks) == 1 else f"{', '.join(marks[:-1])} or {marks[-1]}"
