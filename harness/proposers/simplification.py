"""Simplification: parts of the prompt left out, so that it costs less and loses nothing.

Where the goal is to spend less this is an idea like others. Elsewhere its aim is the number of tokens, and every goal
of the run is a guardrail (docs/how-it-decides.md). It says nothing before other ideas were heard on the same text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.proposers.place import Line, case_variables, fresh, lines, of_lines
from harness.types import Brief, Parts, Proposal, Technique, Variable

NAME = "simplification"
VERSION = "1"
AIM = "tokens"
TECHNIQUE = Technique(
    name="simplification",
    symptom="the prompt holds paragraphs or examples that may do nothing",
    accuracy="±0, else it is not kept",
    latency="down a little",
    cost="down",
    stars=2,
    reason="prompts grow by additions that nobody takes back; what carries the answers is told by measuring",
)
_SPENDS = ("tokens", "tokens_in", "cost", "latency")  # metrics that a shorter prompt aims at anyway
_WORTH = 8  # words of a part, fewer save nothing
_MOST = 4  # proposals


def propose(brief: Brief) -> list[Proposal]:
    """Without all of the longest parts, and without each; none before others were heard, or once one is kept."""
    spends = brief.goal.metric in _SPENDS
    sent = any(o.messages for o in brief.observations)
    kept = any(one.technique == TECHNIQUE.name and one.end == "kept" for one in brief.past)
    if not sent or kept or not (spends or any(one.parts for one in brief.past)):
        return []
    aim = "" if spends else AIM
    found = ((without(brief.prompt.parts, part), part) for part in parts_of(brief))
    made = (Proposal(TECHNIQUE.name, text, f"{_told(part)} may do nothing", aim=aim) for text, part in found)
    return fresh(brief, made)


def parts_of(brief: Brief) -> list[tuple[int, ...]]:
    """What may be left out, as numbers of its lines: all of the longest paragraphs, then each; examples by halves.

    The first paragraph says what to do, and one that holds a variable carries the case: both stay.
    """
    rows = lines(brief.prompt.parts)
    names = case_variables(brief.prompt, brief.observations)
    blocks = [block for block in _paragraphs(rows)][1:]
    free = [block for block in blocks if not any(isinstance(p, Variable) for n in block for p in rows[n])]
    long = sorted((b for b in free if _words(rows, b) >= _WORTH), key=lambda b: (-_words(rows, b), b))
    if not names and brief.prompt.role != "system" and not long:
        return []
    every = tuple(sorted(n for block in long for n in block))
    return list(dict.fromkeys([every, *long] if len(long) > 1 else long))[:_MOST]


def _paragraphs(rows: Sequence[Line]) -> Iterator[tuple[int, ...]]:
    """Runs of lines that hold something."""
    for held, group in groupby(range(len(rows)), key=lambda n: bool(rows[n])):
        if held:
            yield tuple(group)


def _words(rows: Sequence[Line], block: Sequence[int]) -> int:
    return sum(len(p.split()) for n in block for p in rows[n] if isinstance(p, str))


def without(parts: Parts, block: Sequence[int]) -> Parts:
    """The prompt without these lines, and without the blank lines that they leave in a row."""
    left = [(row, n) for n, row in enumerate(lines(parts)) if n not in set(block)]
    rows = [row for at, (row, n) in enumerate(left) if row or not _doubled(left, at, n)]
    while rows and not rows[-1] and lines(parts)[-1]:
        rows.pop()
    return of_lines(rows)


def _doubled(left: Sequence[tuple[Line, int]], at: int, n: int) -> bool:
    """Whether a blank line follows on another one that did not stand before it in the prompt."""
    return at > 0 and not left[at - 1][0] and left[at - 1][1] != n - 1


def _told(block: Sequence[int]) -> str:
    return f"line {block[0] + 1}" if len(block) == 1 else f"lines {block[0] + 1} to {block[-1] + 1} of the text"
