"""Edge-case rule: what to answer when a case is empty, very short, raises two matters or belongs nowhere.

A kind of case gets a rule only where dev cases of the kind fail and their wanted answers agree on what is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from harness.answers import normal
from harness.proposers.evidence import right
from harness.proposers.labelled import RESIDUAL, Labelled, read
from harness.proposers.place import case_variables, fresh, input_text, insert, noun
from harness.proposers.words import clauses, log_odds, terms, weight
from harness.types import Brief, Observation, Proposal, Technique

NAME = "edge_cases"
VERSION = "1"
TECHNIQUE = Technique(
    name="edge-case rule",
    symptom="cases that are empty, very short, about two matters or off topic fail",
    accuracy="up on these cases",
    latency="±0",
    cost="up a little",
    stars=3,
    reason="such cases are few, so the gain is small; without a rule their answer is a guess",
)

_FAILING = 2  # failing cases of a kind before it gets a rule
_AGREE = 0.75  # share of the cases of a kind for which the rule must be right
_SHORT = 2  # words of a case that is very short ...
_USUAL = 6  # ... where half of the cases have at least so many
_MATTER = 2.0  # sum of z scores from which a clause speaks of a label


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line, and how many failing cases it answers."""

    text: str
    failing: int


def propose(brief: Brief) -> list[Proposal]:
    """All rules found, then each alone where there are several; none where no such case fails."""
    rules = [rule for rule in _rules(brief) if rule.text not in brief.prompt.text]
    if not rules:
        return []
    variables = case_variables(brief.prompt, brief.observations)
    groups = [rules, *([rule] for rule in rules if len(rules) > 1)]
    ideas = []
    for group in groups:
        block = "Special cases:\n" + "\n".join(f"- {rule.text}" for rule in group)
        why = f"{sum(rule.failing for rule in group)} dev cases that are no usual ones fail"
        ideas.append(Proposal(TECHNIQUE.name, insert(brief.prompt, block, variables), why))
    return fresh(brief, ideas)


def _rules(brief: Brief) -> Iterator[_Rule]:
    variables = case_variables(brief.prompt, brief.observations)
    subject = noun(variables[0]) if len(variables) == 1 else "text"
    known = [(input_text(o, variables), o) for o in brief.observations if o.wanted is not None]
    if not known:
        return
    usual = median(len(text.split()) for text, _ in known) >= _USUAL
    empty = [o for text, o in known if not text]
    short = [o for text, o in known if usual and 0 < len(text.split()) <= _SHORT]
    yield from _agreed(brief, empty, f"If the {subject} is empty, answer")
    yield from _agreed(brief, short, f"If the {subject} is only a word or two, answer")
    seen = read(brief)
    if seen is not None:
        yield from _off_topic(seen)
        yield from _two_matters(seen)


def _agreed(brief: Brief, group: Sequence[Observation], opening: str) -> Iterator[_Rule]:
    """The answer that the cases of a kind want, where they want one and the same and some get another."""
    failing = sum(right(o, brief.direction) is False for o in group)
    spelling = {normal(o.wanted or ""): o.wanted or "" for o in group}
    counts = Counter(normal(o.wanted or "") for o in group)
    if failing >= _FAILING:
        answer, count = counts.most_common(1)[0]
        if count >= _AGREE * len(group) and "\n" not in spelling[answer]:
            yield _Rule(f"{opening}: {spelling[answer]}", failing)


def _off_topic(seen: Labelled) -> Iterator[_Rule]:
    """What to answer where no label fits, when one of the labels is there for that."""
    for label in seen.labels:
        missed = sum(t.wanted == normal(label) != t.given for t in seen.texts)
        if normal(label) in RESIDUAL and missed >= _FAILING:
            yield _Rule(f"If the {seen.subject} is about none of the other labels, answer: {label}", missed)


def _two_matters(seen: Labelled) -> Iterator[_Rule]:
    """Whether the first or the last matter decides, where cases that speak of two labels agree on it."""
    marks = {normal(label): _marks(seen, normal(label)) for label in seen.labels}
    firsts, failing = [], 0
    for text in seen.texts:
        places = _matters(text.text, marks)
        if len(places) == 2 and text.wanted in places:
            other = next(label for label in places if label != text.wanted)
            firsts.append(places[text.wanted] < places[other])
            failing += text.given == other
    if failing < _FAILING:
        return
    for place, share in (("first", sum(firsts) / len(firsts)), ("last", 1 - sum(firsts) / len(firsts))):
        if share >= _AGREE:
            yield _Rule(f"If the {seen.subject} raises two matters, answer for the {place} one.", failing)


def _marks(seen: Labelled, label: str) -> Mapping[str, float]:
    inside = [t.text for t in seen.texts if t.wanted == label]
    return log_odds(inside, [t.text for t in seen.texts if t.wanted != label])


def _matters(text: str, marks: Mapping[str, Mapping[str, float]]) -> Mapping[str, int]:
    """The labels that some clause speaks of more than of any other, with the place of the first such clause."""
    found: dict[str, int] = {}
    for place, clause in enumerate(clauses(text)):
        weights = {label: weight(terms(clause), own) for label, own in marks.items()}
        label = max(weights, key=lambda name: weights[name])
        if weights[label] >= _MATTER:
            found.setdefault(label, place)
    return found
