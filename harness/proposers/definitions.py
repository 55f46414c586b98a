"""Class definitions with a label list: the labels, what their cases talk about, and which is right where two compete.

Everything it says is counted from the dev cases, so it holds for any task whose wanted answers are a closed list, and
says nothing for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from harness.answers import mentions, normal
from harness.proposers.evidence import chosen_label, labels_of, right
from harness.proposers.place import case_variables, fresh, input_text, insert, noun
from harness.proposers.words import telling
from harness.types import Brief, Observation, Proposal

NAME = "definitions"
VERSION = "1"
TECHNIQUE = "class definitions"
TECHNIQUE_LIST = "label list"

_MARKS = 6  # phrases per label or rule
_SETTLED = 0.25  # weight of a case that gets its label already, beside 1 for one that fails
_READ = 600  # cases
_RULES = 8  # confused pairs that get a line
_RESIDUAL = frozenset({"other", "others", "general", "misc", "miscellaneous", "none", "unknown", "else"})


@dataclass(frozen=True, slots=True)
class _Text:
    """One case: its text, the labels wanted and given (normalised), and how much it asks for a definition."""

    text: str
    wanted: str
    given: str  # "" when the reply names no label
    weight: float

    @classmethod
    def of(cls, observation: Observation, text: str, labels: Sequence[str]) -> _Text:
        wanted, given = normal(observation.wanted or ""), normal(chosen_label(observation.answer, labels) or "")
        return cls(text, wanted, given, _SETTLED if given == wanted else 1.0)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The cases, their labels and what to call a case."""

    labels: tuple[str, ...]
    subject: str
    texts: tuple[_Text, ...]

    def others(self, label: str) -> list[str]:
        """Texts of all labels but this one."""
        return [t.text for t in self.texts if t.wanted != normal(label)]


def propose(brief: Brief) -> list[Proposal]:
    """List with definitions and rules, list with definitions, rules alone, list alone: those that apply.

    None where the wanted answers are no closed list of labels or nothing is answered wrongly.
    """
    labels = labels_of(brief.observations)
    failing = [o for o in brief.observations if right(o, brief.direction) is False]
    if not labels or not failing:
        return []
    variables = case_variables(brief.prompt, brief.observations)
    seen = _Seen(
        labels,
        noun(variables[0]) if len(variables) == 1 else "text",
        tuple(_Text.of(o, input_text(o, variables), labels) for o in _sample(brief)),
    )
    listed = _listing(brief, labels)
    defined = "" if _has_definitions(brief, labels) else _definitions(seen)
    rules = _rules(seen, brief.prompt.text)
    share = f"{len(failing)} of {len(brief.observations)} dev cases get a wrong label"
    blocks = [
        (TECHNIQUE, [listed, defined, rules], f"{share}, and some labels are taken for each other"),
        (TECHNIQUE, [listed, defined], f"{share}, and the prompt does not say what the labels mean"),
        (TECHNIQUE, [listed, rules], f"{share}, and some labels are taken for each other"),
        (TECHNIQUE_LIST, [listed], f"{share}, and the prompt does not name the labels"),
    ]
    written = [(t, "\n\n".join(p for p in pieces if p), why) for t, pieces, why in blocks if pieces[-1]]
    return fresh(brief, (Proposal(t, insert(brief.prompt, text, variables), why) for t, text, why in written))


def _sample(brief: Brief) -> list[Observation]:
    """The cases that are read: those that say what is wanted, a seeded choice where there are very many."""
    known = [o for o in brief.observations if o.wanted is not None]
    return known if len(known) <= _READ else Random(brief.seed).sample(known, _READ)


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


def _definitions(seen: _Seen) -> str:
    lines = []
    for label in seen.labels:
        group = {t.text: t.weight for t in seen.texts if t.wanted == normal(label)}
        if normal(label) in _RESIDUAL:
            lines.append(f"- {label}: whatever none of the others covers")
        elif marks := telling(group, seen.others(label), _MARKS):
            lines.append(f"- {label}: {'; '.join(marks)}")
        else:
            lines.append(f"- {label}")
    return f"What a {seen.subject} with each label talks about:\n" + "\n".join(lines)


def _rules(seen: _Seen, written: str) -> str:
    """One line per pair "wanted A, answered B" seen twice or more, most frequent first; "" without such pairs.

    Lines that stand in the prompt as ``written`` are left out.
    """
    pairs: dict[tuple[str, str], dict[str, float]] = {}
    for text in seen.texts:
        if text.given and text.given != text.wanted:
            pairs.setdefault((text.wanted, text.given), {})[text.text] = 1.0
    spelling = {normal(label): label for label in seen.labels}
    lines = []
    for (wanted, given), group in sorted(pairs.items(), key=lambda p: (-len(p[1]), p[0]))[:_RULES]:
        marks = telling(group, seen.others(wanted), _MARKS) if len(group) > 1 else []
        line = (
            f"- A {seen.subject} about {_either(marks)} is {spelling[wanted]}, not {spelling[given]}." if marks else ""
        )
        if line and line not in written:
            lines.append(line)
    return "Labels that are easily mixed up:\n" + "\n".join(lines) if lines else ""


def _either(marks: Sequence[str]) -> str:
    quoted = [f'"{mark}"' for mark in marks]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
