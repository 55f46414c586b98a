"""Order for caching: what is the same for every case before what differs, so that a provider can reuse the beginning.

Lines are moved, never reworded. Knows no provider and no price; what it saves is measured like everything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.proposers.place import Line, case_variables, fresh, of_lines
from harness.proposers.place import lines as lines_of
from harness.types import Brief, Parts, Proposal, Technique, Variable

NAME = "caching"
VERSION = "1"
TECHNIQUE = Technique(
    name="order for caching",
    symptom="the case stands before more than 100 words that are the same for every case",
    accuracy="±0",
    latency="down",
    cost="down",
    stars=2,
    reason="providers reuse equal beginnings from about 1,000 tokens on; shorter prompts gain nothing",
)

_STABLE = 100  # words behind the case that are the same for every case, from which an order pays
_POINTS_BACK = re.compile(r"\b(above|preceding|previous(ly)?|just (read|given|seen))\b", re.I)
_ASKS = re.compile(r"[\w ]{1,30}:\s*\Z")  # "Answer:" as the last line waits for the reply
_LEAD_IN = re.compile(r"(:|>|```|\"\"\")\s*\Z")  # announces what stands on the next line


def propose(brief: Brief) -> list[Proposal]:
    """The prompt with the lines that carry the case last; none where little stands behind them, or points back."""
    variables = case_variables(brief.prompt, brief.observations)
    lines = lines_of(brief.prompt.parts)
    carries = [any(isinstance(p, Variable) and p.name in variables for p in line) for line in lines]
    if not any(carries):
        return []
    behind = [line for at, line in enumerate(lines) if at > carries.index(True) and not carries[at]]
    words = sum(len(p.split()) for line in behind for p in line if isinstance(p, str))
    if words <= _STABLE or any(_POINTS_BACK.search(_text(line)) for line in behind):
        return []
    why = f"{words} words that are the same for every case stand behind the case"
    return fresh(brief, [Proposal(TECHNIQUE.name, _ordered(lines, carries), why)])


def _ordered(lines: Sequence[Line], carries: Sequence[bool]) -> Parts:
    """Stable lines, a blank line, the lines of the case with what announces and closes them, the question last."""
    last = max(at for at, line in enumerate(lines) if line)
    asks = last if not carries[last] and _ASKS.fullmatch(_text(lines[last])) else None
    case = {at for at, found in enumerate(carries) if found}
    case |= {at - 1 for at in case if at and _LEAD_IN.search(_text(lines[at - 1]))}
    case |= {at + 1 for at in case if at + 1 < len(lines) and re.match(r"\s*(</|```|\"\"\")", _text(lines[at + 1]))}
    stable = [line for at, line in enumerate(lines) if at not in case and at != asks]
    moved = [lines[at] for at in sorted(case)] + ([lines[asks]] if asks is not None else [])
    while stable and not stable[0]:
        del stable[0]
    while stable and not stable[-1]:
        del stable[-1]
    return of_lines([*stable, (), *moved])


def _text(line: Line) -> str:
    return "".join(p if isinstance(p, str) else p.source for p in line)
