"""Conciseness: asks for replies of the length that is wanted, where the measured ones are longer.

Knows lengths only; what a reply consists of is the business of ``output_format``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import median

from harness.proposers.evidence import wanted_answers
from harness.proposers.place import case_variables, fresh, insert
from harness.types import Brief, Proposal, Technique

NAME = "conciseness"
VERSION = "1"
TECHNIQUE = Technique(
    name="conciseness",
    symptom="replies are longer than wanted",
    accuracy="±0, up where length counts as wrong",
    latency="down",
    cost="down",
    stars=3,
    reason="time and money grow with every token of a reply; a limit that is too tight cuts content",
)

_LONGER = 1.5  # replies count as too long from this many times the wanted length
_FEWEST = 3  # lengths that show what is wanted
_WORTH = 20  # words of a reply below which there is nothing to save
_LIMIT = re.compile(r"\b(at most|no more than|within|under|up to) \d+ (words?|sentences?|characters?)\b", re.I)


def propose(brief: Brief) -> list[Proposal]:
    """A limit in words, and a sentence without a number; none where replies are no longer than wanted.

    Where no case says what is wanted and the goal is to spend less, the shorter half of the replies sets the limit.
    """
    limit, why = _limit(brief)
    if not limit or _LIMIT.search(brief.prompt.text):
        return []
    unit = f"{limit} word" if limit == 1 else f"{limit} words"
    lines = (
        f"Write at most {unit}.",
        "Be brief: give the answer itself, with no introduction, no repetition of the question and no closing remark.",
    )
    variables = case_variables(brief.prompt, brief.observations)
    return fresh(brief, (Proposal(TECHNIQUE.name, insert(brief.prompt, line, variables), why) for line in lines))


def _limit(brief: Brief) -> tuple[int, str]:
    """The most words that a reply needs, and why to say so; 0 where nothing calls for it."""
    replies = [_words(o.answer) for o in brief.observations if o.heard]
    wanted = [_words(text) for text in wanted_answers(brief.observations)]
    if len(wanted) >= _FEWEST:
        known = [o for o in brief.observations if o.heard]
        pairs = [(_words(o.answer), _words(o.wanted)) for o in known if o.wanted is not None]
        longer = sum(1 for reply, want in pairs if reply > _LONGER * max(want, 1))
        why = f"{longer} of {len(pairs)} replies on dev are more than {_LONGER} times as long as wanted"
        return (_rounded(wanted), why) if 2 * longer > len(pairs) else (0, "")
    if brief.direction == "lower" and len(replies) >= _FEWEST and median(replies) > _WORTH:
        shorter = sorted(replies)[: (len(replies) + 1) // 2]
        return _rounded(shorter), f"replies on dev have {median(replies):.0f} words, and the goal is to spend less"
    return 0, ""


def _rounded(lengths: Sequence[int]) -> int:
    """The longest length, rounded up to what a person would write: tens from 10 on."""
    longest = max(lengths)
    return longest if longest < 10 else math.ceil(longest / 10) * 10


def _words(text: str) -> int:
    return len(text.split())
