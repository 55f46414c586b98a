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
from harness.types import ModelUse, Prompt

Shape = Literal["labels", "fields", "text", "unknown"]  # one of a closed list, JSON with fixed keys, free text


@dataclass(frozen=True, slots=True)
class Subject:
    """All that issues are read from: the prompts of one node taken together."""

    prompts: tuple[Prompt, ...]
    mixed: bool  # whether instructions and variables share a human message and there is no system message
    shape: Shape  # of the wanted answers
    labels: tuple[str, ...]
    models: tuple[ModelUse, ...]
    in_shape: bool = False  # whether the measured replies have the shape of the wanted answers

    @property
    def text(self) -> str:
        """All of them, one after another."""
        return "\n".join(prompt.text for prompt in self.prompts)


@dataclass(frozen=True, slots=True)
class Sign:
    """What shows an issue, and where."""

    where: str  # "prompts.py:4"; a range of lines where the line is not known or something is missing
    words: str


@dataclass(frozen=True, slots=True)
class Issue:
    """A weakness and its remedy."""

    name: str
    idea: str  # what to do
    found: Callable[[Subject], Sign | None]
    technique: str = ""  # Technique.name of the one that does it; "" = left to a person


_VAGUE_WORDS = 15
_SHOWN = 70  # characters of a line that are shown
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


def place(prompt: Prompt, offset: int | None = None) -> str:
    """Where a prompt stands, or the line of one of its characters where its lines are those of the file."""
    span, text = prompt.span, prompt.text
    if offset is not None and text.count("\n") == span.end_line - span.line:
        return f"{span.file}:{span.line + text.count(chr(10), 0, offset)}"
    return f"{span.file}:{span.line}" + (f"-{span.end_line}" if span.end_line > span.line else "")


def _absent(pattern: re.Pattern[str], words: str, *shapes: Shape) -> Callable[[Subject], Sign | None]:
    def found(subject: Subject) -> Sign | None:
        if (shapes and subject.shape not in shapes) or pattern.search(subject.text):
            return None
        return Sign(_everywhere(subject), f"nothing like {words}")

    return found


def _everywhere(subject: Subject) -> str:
    return ", ".join(dict.fromkeys(map(place, subject.prompts)))


def _said(subject: Subject, pattern: re.Pattern[str]) -> Sign | None:
    """The first place where the pattern stands, with its line of the text."""
    for prompt in subject.prompts:
        if found := pattern.search(prompt.text):
            text = prompt.text
            line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0].strip()
            return Sign(place(prompt, found.start()), f'says "{shortened(line, found[0])}"')
    return None


def shortened(line: str, word: str) -> str:
    """A line around a word of it, at most 70 characters long."""
    if len(line) <= _SHOWN:
        return line
    at = max(line.find(word) - _SHOWN // 2, 0)
    return f"{'... ' if at else ''}{line[at : at + _SHOWN].strip()} ..."


def _shapeless(subject: Subject) -> Sign | None:
    return None if subject.in_shape else _FREE(subject)


def _unlisted(subject: Subject) -> Sign | None:
    missing = [label for label in subject.labels if not mentions(subject.text, label)]
    if subject.shape != "labels" or not missing:
        return None
    return Sign(_everywhere(subject), f"does not name {_few(missing)}")


def _talkative(subject: Subject) -> Sign | None:
    return _said(subject, _TALK) if subject.shape in ("labels", "fields") else None


def _unlimited(subject: Subject) -> Sign | None:
    return None if _FORMAT.search(subject.text) else _ANY_LENGTH(subject)


def _uncapped(subject: Subject) -> Sign | None:
    if not subject.models or any(_CAPS & m.parameters.keys() for m in subject.models):
        return None
    return Sign(subject.models[0].where, f"{subject.models[0].id or 'the model'} is made without max_tokens")


def _undefined(subject: Subject) -> Sign | None:
    """Whether most labels are named, if at all, without words of their own behind them."""
    bare = [one for one in subject.labels if not re.search(_DEFINES.format(re.escape(one)), subject.text)]
    if 2 * len(bare) <= len(subject.labels):
        return None
    return Sign(_everywhere(subject), f"no words of their own for {_few(bare)}")


def _few(labels: Sequence[str]) -> str:
    return ", ".join(repr(one) for one in labels[:3]) + (f" and {len(labels) - 3} more" if labels[3:] else "")


def _too_warm(subject: Subject) -> Sign | None:
    for model in subject.models if subject.shape in ("labels", "fields") else ():
        warmth = model.parameters.get("temperature")
        if isinstance(warmth, int | float) and warmth > _STEADY:
            return Sign(model.where, f"temperature={warmth:g}")
    return None


def _vague(subject: Subject) -> Sign | None:
    words = len(subject.text.split())
    return Sign(_everywhere(subject), f"{words} words in all") if words < _VAGUE_WORDS else None


def _mixed(subject: Subject) -> Sign | None:
    if not subject.mixed:
        return None
    prompt = next(one for one in subject.prompts if one.variables and one.role)
    names = ", ".join(dict.fromkeys(prompt.variables))
    return Sign(place(prompt), f"one {prompt.role} message holds the instructions and {names}")


_FREE = _absent(_FORMAT, '"only", "exactly", "JSON" or "nothing but"', "labels", "fields")
_ANY_LENGTH = _absent(_LENGTH, '"short", "at most" or a number of sentences')

ISSUES: Sequence[Issue] = (
    Issue("no label list", "name every label", _unlisted, "label list"),
    Issue("free-text output", "say what the reply consists of", _shapeless, "output format"),
    Issue(
        "asks for more than the answer",
        "drop or overrule the request for explanations",
        _talkative,
        "output format",
    ),
    Issue(
        "no examples",
        "show solved cases",
        _absent(_EXAMPLE, '"example", "e.g." or "for instance"'),
        "few-shot examples",
    ),
    Issue(
        "no definition of the labels",
        "say what the cases of each label talk about",
        _undefined,
        "class definitions",
    ),
    Issue(
        "no edge-case rule",
        "say what to do with a case that is no usual one",
        _absent(_EDGE, '"if", "otherwise" or "in doubt"'),
        "edge-case rule",
    ),
    Issue(
        "vague instruction",
        "say what is given, what is wanted and how it is judged",
        _vague,
    ),
    Issue(
        "temperature too high for a fixed answer",
        "set the temperature to 0-0.3",
        _too_warm,
        "temperature",
    ),
    Issue("no length control", "limit the length of the reply", _unlimited, "conciseness"),
    Issue("max_tokens unset", "cap the reply", _uncapped, "max_tokens"),
    Issue(
        "style undefined",
        "say for whom and in which tone the text is written",
        _absent(_STYLE, '"tone", "style" or "polite"', "text"),
    ),
    Issue(
        "instructions and case text in one message",
        "move the instructions into a system message of their own, by hand: no edit of a text can add a message",
        _mixed,
        "system/human split",
    ),
)
