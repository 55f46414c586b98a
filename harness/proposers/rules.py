"""Do / do-not rules: for labels that are taken for each other, which is right when, and which is not.

The rules come from the commonest confusions of the dev cases, in the words that mark the confused cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.answers import normal
from harness.proposers.labelled import Labelled, read
from harness.proposers.place import fresh, insert, one_of
from harness.types import Brief, Proposal, Technique

NAME = "rules"
VERSION = "1"
TECHNIQUE = Technique(
    name="do / do-not rules",
    symptom="a label is given again and again where another one is wanted",
    accuracy="up",
    latency="±0",
    cost="up a little",
    stars=4,
    reason="speaks of nothing but measured confusions; a rule that is worded too widely breaks cases that were right",
)

_MARKS = 6  # phrases per rule
_SEEN = 2  # times a confusion is met before it is a pattern
_RULES = 8  # confusions that get a rule, commonest first


@dataclass(frozen=True, slots=True)
class _Confusion:
    """One label given where another was wanted."""

    wanted: str
    given: str
    marks: tuple[str, ...]  # phrases of the confused cases


def propose(brief: Brief) -> list[Proposal]:
    """The rules as "X is Y, not Z", the same in short, and those of the commoner half alone.

    None where the wanted answers are no closed list or no confusion is met twice. A rule that stands in the prompt is
    not repeated.
    """
    seen = read(brief)
    found = _confusions(seen) if seen else []
    found = [c for c in found if seen and not {_told(c, seen), _short(c)} & set(brief.prompt.text.splitlines())]
    if seen is None or not found:
        return []
    told, short = [_told(c, seen) for c in found], [_short(c) for c in found]
    blocks = [
        ["Labels that are easily mixed up:", *told],
        [f"Which label is right for {one_of(seen.subject)} about", *short],
        ["Labels that are easily mixed up:", *told[: (len(told) + 1) // 2]],
    ]
    why = f"{seen.symptom}, most often {found[0].given} instead of {found[0].wanted}"
    texts = (insert(brief.prompt, "\n".join(block), seen.variables) for block in blocks)
    return fresh(brief, (Proposal(TECHNIQUE.name, parts, why) for parts in texts))


def _confusions(seen: Labelled) -> list[_Confusion]:
    """Confusions met often enough whose cases share words, commonest first."""
    pairs: dict[tuple[str, str], dict[str, float]] = {}
    for text in seen.texts:
        if text.given and text.given != text.wanted:
            pairs.setdefault((text.wanted, text.given), {})[text.text] = 1.0
    spelling = {normal(label): label for label in seen.labels}
    found = []
    for (wanted, given), group in sorted(pairs.items(), key=lambda p: (-len(p[1]), p[0]))[:_RULES]:
        marks = seen.marks(wanted, group, _MARKS) if len(group) >= _SEEN else []
        if marks:
            found.append(_Confusion(spelling[wanted], spelling[given], tuple(marks)))
    return found


def _told(confusion: _Confusion, seen: Labelled) -> str:
    text = one_of(seen.subject).capitalize()
    return f"- {text} about {_either(confusion.marks)} is {confusion.wanted}, not {confusion.given}."


def _short(confusion: _Confusion) -> str:
    return f"- {'; '.join(confusion.marks)}: {confusion.wanted}, never {confusion.given}"


def _either(marks: Sequence[str]) -> str:
    quoted = [f'"{mark}"' for mark in marks]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
