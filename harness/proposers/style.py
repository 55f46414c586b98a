"""Style: what good replies sound like, shown by wanted ones without their cases. For free text only."""

from __future__ import annotations

from harness.answers import fixed_keys
from harness.proposers.evidence import labels_of, right, wanted_answers
from harness.proposers.place import case_variables, fresh, insert
from harness.types import Brief, Proposal, Technique

NAME = "style"
VERSION = "1"
TECHNIQUE = Technique(
    name="style",
    symptom="free text is scored low and the prompt does not say how a reply should sound",
    accuracy="up a little",
    latency="±0",
    cost="up a little",
    stars=2,
    reason="tone and form are shown better than described; it says nothing of what is right",
)
_FEWEST = 4  # wanted replies that show a style
_SHOWN = 3
_LONGEST = 300  # characters of one


def propose(brief: Brief) -> list[Proposal]:
    """Three wanted replies of middling length, and their form in words; none where answers are labels or JSON."""
    wanted = list(dict.fromkeys(text.strip() for text in wanted_answers(brief.observations)))
    failing = sum(right(o, brief.direction) is False for o in brief.observations)
    if not failing or len(wanted) < _FEWEST or labels_of(brief.observations) or fixed_keys(wanted):
        return []
    middle = sorted((text for text in wanted if len(text) <= _LONGEST), key=lambda text: (len(text), text))
    if len(middle) < _FEWEST or all(len(text.split()) < 3 for text in middle):
        return []
    first = max(0, (len(middle) - _SHOWN) // 2)
    shown = [" ".join(text.split()) for text in middle[first : first + _SHOWN]]
    block = "Write in the tone and form of these replies to other cases:\n" + "\n".join(f"- {text}" for text in shown)
    why = f"{failing} of {len(brief.observations)} dev cases are scored low and no reply is shown"
    variables = case_variables(brief.prompt, brief.observations)
    texts = (insert(brief.prompt, line, variables) for line in (block, _form(middle)))
    return fresh(brief, (Proposal(TECHNIQUE.name, parts, why) for parts in texts))


def _form(wanted: list[str]) -> str:
    """Length and layout of the wanted replies in words."""
    words = sorted(len(text.split()) for text in wanted)
    low, high = words[len(words) // 10], words[-1 - len(words) // 10]
    length = f"{low}" if low == high else f"{low} to {high}"
    lists = sum("\n- " in f"\n{text}" for text in wanted) * 2 > len(wanted)
    layout = "as a list with dashes" if lists else "as plain sentences without headings or lists"
    return f"Write {length} words, {layout}. State facts plainly and address the reader directly."
