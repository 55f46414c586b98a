"""Steps inside one prompt: instructions that run on in one paragraph, as a numbered list. No word is changed."""

from __future__ import annotations

import re

from harness.proposers.evidence import right
from harness.proposers.place import Line, fresh, lines, of_lines
from harness.types import Brief, Proposal, Technique

NAME = "steps"
VERSION = "1"
TECHNIQUE = Technique(
    name="steps",
    symptom="three or more instructions stand in one paragraph and cases are answered wrongly",
    accuracy="up a little",
    latency="±0",
    cost="±0",
    stars=2,
    reason="an instruction in the middle of a paragraph is passed over more easily than a numbered one",
)
_FEWEST = 3  # sentences
_SENTENCE = re.compile(r"(?<=[.!?])[ \t]+(?=[A-Z\"'])")
_WORDS = 3  # fewer are no instruction


def propose(brief: Brief) -> list[Proposal]:
    """The paragraph with most instructions as a list; none where nothing is answered wrongly."""
    failing = sum(right(o, brief.direction) is False for o in brief.observations)
    found = lines(brief.prompt.parts)
    counts = [len(_instructions(line)) for line in found]
    if not failing or not counts or max(counts) < _FEWEST:
        return []
    at = counts.index(max(counts))
    listed = "\n".join(f"{n}. {text}" for n, text in enumerate(_instructions(found[at]), 1))
    new = of_lines([*found[:at], (listed,), *found[at + 1 :]])
    wrong = f"{failing} of {len(brief.observations)} dev cases are answered wrongly"
    return fresh(brief, [Proposal(TECHNIQUE.name, new, f"{wrong} and {counts[at]} instructions share a paragraph")])


def _instructions(line: Line) -> list[str]:
    """The sentences of a line that holds nothing but instructions; none where a variable or a list stands in it."""
    if len(line) != 1 or not isinstance(line[0], str) or not line[0][:1].isalpha():
        return []
    texts = _SENTENCE.split(line[0].strip())
    return texts if all(len(text.split()) >= _WORDS for text in texts) else []
