"""Weaknesses that can be read off a prompt, each with the idea that mends it and the technique that carries it out.

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
    mixed: bool  # whether instructions and variables share a human message and there is no system message
    shape: Shape  # of the wanted answers
    labels: tuple[str, ...]
    models: tuple[ModelUse, ...]
    in_shape: bool = False  # whether the measured replies have the shape of the wanted answers


@dataclass(frozen=True, slots=True)
class Issue:
    """A weakness and its remedy."""

    name: str
    idea: str  # what to do
    found: Callable[[Subject], bool]
    technique: str = ""  # Technique.name of the one that does it; "" = left to a person


_VAGUE_WORDS = 15
_DEFINES = r"(?im)^\W*{0}\W*:\s*\w|\b{0}\W{{1,4}}(means|is|are|for|when|if)\b"  # of one label
_CAPS = {"max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict"}
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


def _shapeless(subject: Subject) -> bool:
    return not subject.in_shape and subject.shape in ("labels", "fields") and _FORMAT.search(subject.text) is None


def _unlisted(subject: Subject) -> bool:
    return subject.shape == "labels" and not all(mentions(subject.text, label) for label in subject.labels)


def _talkative(subject: Subject) -> bool:
    return subject.shape in ("labels", "fields") and _TALK.search(subject.text) is not None


def _unlimited(subject: Subject) -> bool:
    return not _LENGTH.search(subject.text) and not _FORMAT.search(subject.text)


def _uncapped(subject: Subject) -> bool:
    return bool(subject.models) and not any(_CAPS & m.parameters.keys() for m in subject.models)


def _undefined(subject: Subject) -> bool:
    """Whether most labels are named, if at all, without words of their own behind them."""
    described = sum(bool(re.search(_DEFINES.format(re.escape(label)), subject.text)) for label in subject.labels)
    return 2 * described < len(subject.labels)


def _too_warm(subject: Subject) -> bool:
    warm = [t for m in subject.models if isinstance(t := m.parameters.get("temperature"), int | float) and t > _STEADY]
    return subject.shape in ("labels", "fields") and bool(warm)


ISSUES: Sequence[Issue] = (
    Issue("no label list", "name every label", _unlisted, "label list"),
    Issue("free-text output", "say what the reply consists of", _shapeless, "output format"),
    Issue(
        "asks for more than the answer",
        "drop or overrule the request for explanations",
        _talkative,
        "output format",
    ),
    Issue("no examples", "show solved cases", _absent(_EXAMPLE), "few-shot examples"),
    Issue(
        "no definition of the labels",
        "say what the cases of each label talk about",
        _undefined,
        "class definitions",
    ),
    Issue("no edge-case rule", "say what to do with a case that is no usual one", _absent(_EDGE), "edge-case rule"),
    Issue(
        "vague instruction",
        "say what is given, what is wanted and how it is judged",
        lambda s: len(s.text.split()) < _VAGUE_WORDS,
    ),
    Issue(
        "temperature too high for a fixed answer",
        "set the temperature to 0-0.3",
        _too_warm,
        "temperature",
    ),
    Issue("no length control", "limit the length of the reply", _unlimited, "conciseness"),
    Issue("max_tokens unset", "cap the reply", _uncapped, "max_tokens"),
    Issue("style undefined", "say for whom and in which tone the text is written", _absent(_STYLE, "text")),
    Issue(
        "instructions and case text in one message",
        "move the instructions into a system message of their own, by hand: no edit of a text can add a message",
        lambda s: s.mixed,
        "system/human split",
    ),
)
