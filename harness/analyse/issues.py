"""Weaknesses that can be read off a prompt, each with the idea that mends it and what that is expected to do.

Signs in the text only: the measured failures decide what is worth doing. Word lists are English; a prompt in another
language shows fewer issues, never wrong ones, because most are signs that something is there. Knows nothing of runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.answers import mentions
from harness.types import ModelUse

Shape = Literal["labels", "fields", "text", "unknown"]  # one of a closed list, JSON with fixed keys, free text


@dataclass(frozen=True, slots=True)
class Subject:
    """All that issues are read from: the prompts of one node taken together."""

    text: str
    shape: Shape  # of the wanted answers
    labels: tuple[str, ...]
    models: tuple[ModelUse, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """A weakness and its remedy."""

    name: str
    idea: str  # what to do, with the expected effect on accuracy, latency and cost
    found: Callable[[Subject], bool]


_VAGUE_WORDS = 15
_STEADY = 0.3  # temperature up to which a choice between labels is steady
_EXAMPLE = re.compile(r"\bexamples?\b|\be\.g\.|\bfor instance\b|(?m:^answer:)", re.I)
_FORMAT = re.compile(r"\bjson\b|\bonly\b|\bexactly\b|\bformat\b|\bnothing (else|but)\b|\bjust the\b|\bone word\b", re.I)
_LENGTH = re.compile(r"\bshort\b|\bbrief|\bconcise|\bsentences?\b|\bwords?\b|\bat most\b|\bno more than\b", re.I)
_EDGE = re.compile(
    r"\bif\b|\bwhen\b|\bunless\b|\botherwise\b|\bunclear\b|\bambiguous\b|\bin doubt\b|\bnot sure\b", re.I
)
_STYLE = re.compile(r"\btone\b|\bstyle\b|\bfriendly\b|\bformal\b|\bpolite|\bprofessional\b", re.I)
_TALK = re.compile(
    r"\bexplain|\breason|\bdetail|\bstep by step\b|\bthorough|\bgreet|\bfriendly\b|\bpolite|\bwarm", re.I
)


def _absent(pattern: re.Pattern[str], *shapes: Shape) -> Callable[[Subject], bool]:
    return lambda s: (not shapes or s.shape in shapes) and pattern.search(s.text) is None


def _unlisted(subject: Subject) -> bool:
    return subject.shape == "labels" and not all(mentions(subject.text, label) for label in subject.labels)


def _talkative(subject: Subject) -> bool:
    return subject.shape in ("labels", "fields") and _TALK.search(subject.text) is not None


def _unlimited(subject: Subject) -> bool:
    limited = any(m.parameters.get("max_tokens") is not None for m in subject.models)
    return not limited and not _LENGTH.search(subject.text) and not _FORMAT.search(subject.text)


def _too_warm(subject: Subject) -> bool:
    warm = [t for m in subject.models if isinstance(t := m.parameters.get("temperature"), int | float) and t > _STEADY]
    return subject.shape in ("labels", "fields") and bool(warm)


ISSUES: Sequence[Issue] = (
    Issue(
        "no label list",
        "name every label (accuracy up, latency ±0, cost ±0)",
        _unlisted,
    ),
    Issue(
        "free-text output",
        "say what the reply consists of (accuracy up, latency down, cost down)",
        _absent(_FORMAT, "labels", "fields"),
    ),
    Issue(
        "asks for more than the answer",
        "drop or overrule the request for explanations (accuracy up, latency down, cost down)",
        _talkative,
    ),
    Issue(
        "no examples",
        "show 3 to 12 solved cases (accuracy up, latency ±0, cost up by the longer prompt)",
        _absent(_EXAMPLE),
    ),
    Issue(
        "no edge-case rule",
        "define the labels that are mixed up, say what to do in doubt (accuracy up, latency ±0, cost ±0)",
        _absent(_EDGE),
    ),
    Issue(
        "vague instruction",
        "say what is given, what is wanted and how it is judged (accuracy up, latency ±0, cost ±0)",
        lambda s: len(s.text.split()) < _VAGUE_WORDS,
    ),
    Issue(
        "temperature too high for a fixed answer",
        "set the temperature to 0-0.3 (accuracy up a little and steadier, latency ±0, cost ±0)",
        _too_warm,
    ),
    Issue(
        "no length control, max_tokens unset",
        "limit the length of the reply (accuracy ±0, latency down, cost down)",
        _unlimited,
    ),
    Issue(
        "style undefined",
        "say for whom and in which tone the text is written (accuracy ±0, latency ±0, cost ±0)",
        _absent(_STYLE, "text"),
    ),
)
