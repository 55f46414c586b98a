"""What the model replied: its ideas, tolerantly parsed, each checked before it may become a proposal. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.answers import normal, objects
from harness.proposers.llm.telling import IDEAS
from harness.proposers.marks import parsed
from harness.proposers.place import case_variables, digest, input_text
from harness.types import Brief, Json, Parts, Proposal

_LEAK = 40  # characters; a shorter text of a case, such as a label, may stand in a prompt
_GROWTH = (4, 6000)  # a new text may have so many times the old one's length, or so many characters more
_NAME, _WHY = 60, 300  # characters kept of a technique and of a reason


@dataclass(frozen=True, slots=True)
class Idea:
    """One idea as replied."""

    technique: str
    why: str
    text: str  # the new prompt, variables marked


def ideas(reply: str) -> list[Idea] | str:
    """The ideas of a reply, or a sentence that says what is wrong with its form.

    The JSON object may stand between other words or in a code fence; entries without a text are passed over.
    """
    found = next((value for value in objects(reply) if isinstance(value.get("ideas"), list)), None)
    if found is None:
        return 'the reply holds no JSON object with the key "ideas"'
    rows = [row for row in found["ideas"] if isinstance(row, dict) and isinstance(row.get("prompt"), str)]
    if found["ideas"] and not rows:
        return 'no idea has the key "prompt" with a text'
    return [
        Idea(_line(row.get("technique"), _NAME) or "rewrite", _line(row.get("why"), _WHY), row["prompt"])
        for row in rows[:IDEAS]
    ]


def _line(value: Json, longest: int) -> str:
    """One printable line."""
    text = " ".join(str(value or "").split())
    return "".join(c for c in text if c.isprintable())[:longest].strip()


def proposal(idea: Idea, brief: Brief) -> Proposal | str:
    """The idea as a proposal, or a sentence that says why it is none: addressed to the model."""
    parts = parsed(idea.text, brief.prompt.parts)
    if isinstance(parts, str):
        return parts
    if digest(parts) == digest(brief.prompt.parts):
        return "it changes nothing"
    if digest(parts) in brief.tried:
        return "this very text was tried before"
    old, new = (sum(len(p) for p in side if isinstance(p, str)) for side in (brief.prompt.parts, parts))
    if new > max(_GROWTH[0] * old, old + _GROWTH[1]):
        return f"it has {new} characters where the prompt has {old}: say it shorter"
    return _copied(parts, brief) or Proposal(idea.technique, parts, idea.why or "an idea of the model")


def _copied(parts: Parts, brief: Brief) -> str:
    """A sentence where the new text holds that of a case, or its answer, which the old one did not hold."""
    old, new = (normal(" ".join(p for p in side if isinstance(p, str))) for side in (brief.prompt.parts, parts))
    names = case_variables(brief.prompt, brief.observations)
    for o in brief.observations:
        for text in map(normal, (input_text(o, names), o.wanted or "", o.answer)):
            if len(text) >= _LEAK and text in new and text not in old:
                return f"it copies the text of a case ({text[:_LEAK]}...): say the rule behind it instead"
    return ""
