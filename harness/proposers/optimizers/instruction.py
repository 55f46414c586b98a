"""A prompt as other optimizers see it: an instruction, and the cases with what was replied. Pure.

They know no variables. What they may rewrite is the text before the lines that carry the case; where nothing stands
there it is the whole prompt, its variables as marks that a new text must hold (``marks``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.proposers.evidence import right
from harness.proposers.llm.reading import Idea, proposal
from harness.proposers.marks import marked
from harness.proposers.place import before_case, case_variables, fresh, input_text
from harness.types import Brief, Observation, Proposal

LONGEST = 2000  # characters of one text of a case that is told


@dataclass(frozen=True, slots=True)
class Seen:
    """One dev case."""

    case: str  # what the model had to answer
    reply: str
    wanted: str  # "" = the case does not say
    good: bool | None  # whether the reply was right, None = nothing says
    feedback: str  # the same in words


def instruction(brief: Brief) -> tuple[str, str]:
    """What may be rewritten, and the rest of the prompt behind it; variables as marks."""
    whole = marked(brief.prompt.parts)
    head = marked(before_case(brief.prompt, case_variables(brief.prompt, brief.observations))).rstrip()
    return (head, whole[len(head) :]) if head.strip() else (whole, "")


def proposals(brief: Brief, technique: str, why: str, texts: Iterable[str]) -> list[Proposal]:
    """New instructions as proposals, each whole prompt once; what breaks a rule, as a lost variable, is left out."""
    _, rest = instruction(brief)
    made = (proposal(Idea(technique, why, text.strip() + rest), brief) for text in texts if text.strip())
    return fresh(brief, (found for found in made if isinstance(found, Proposal)))


def seen(brief: Brief) -> list[Seen]:
    """The dev cases whose text and reply are known."""
    names = case_variables(brief.prompt, brief.observations)
    rows = ((o, input_text(o, names)) for o in brief.observations)
    return [_seen(o, text, brief) for o, text in rows if text and o.heard]


def _seen(o: Observation, text: str, brief: Brief) -> Seen:
    good, wanted = right(o, brief.direction), (o.wanted or "").strip()
    words = {
        True: "The reply is right.",
        False: "The reply is wrong.",
        None: "Nothing says whether the reply is right.",
    }
    score = "" if o.score is None or wanted else f" It scored {o.score:.3g} ({brief.direction} is better)."
    asked = f" The right reply is: {wanted}" if wanted and good is not True else ""
    return Seen(_cut(text), _cut(o.answer.strip()), _cut(wanted), good, _cut(f"{words[good]}{score}{asked}"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def failing(cases: Sequence[Seen]) -> int:
    """How many are answered wrongly."""
    return sum(case.good is False for case in cases)
