"""Combination: two ideas that looked better on dev and were not shown to be so alone, in one text.

Both began at the text as it is. What they changed in different places is put together; where both changed the same
place the child has that of the one in one proposal and that of the other in the next (crossover). Knows no technique.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations

from harness.proposers.marks import marked, parsed
from harness.proposers.place import fresh
from harness.types import Brief, Parts, Past, Proposal, Technique

NAME = "combination"
VERSION = "1"
TECHNIQUE = Technique(
    name="combination",
    symptom="several ideas looked better on dev and none was shown to be so alone",
    accuracy="up where both parts help",
    latency="as its parts",
    cost="as its parts",
    stars=3,
    reason="gains too small to be shown alone may be shown together; two ideas against one symptom seldom add up",
)
_BEST = 4  # ideas that are paired, those that gained most
_MOST = 3  # proposals
_APART = "kept"  # an idea that was kept is in the text already

Hunk = tuple[int, int, tuple[str, ...]]  # lines of the old text from-to, and what stands there instead


def propose(brief: Brief) -> list[Proposal]:
    """Pairs of near misses, those with the largest gains first; none before two of them were measured."""
    near = [one for one in brief.past if one.parts and one.gain is not None and one.gain > 0 and one.end != _APART]
    near = [one for one in near if not one.parents]
    best = sorted(near, key=lambda one: -(one.gain or 0.0))[:_BEST]
    pairs = sorted(combinations(best, 2), key=lambda pair: -sum(one.gain or 0.0 for one in pair))
    found = (proposal for pair in pairs for proposal in _children(brief, *pair))
    return fresh(brief, found)[:_MOST]


def _children(brief: Brief, one: Past, other: Past) -> Iterator[Proposal]:
    names = dict.fromkeys((one.technique, other.technique))
    why = f"{one.id} and {other.id} looked {one.gain:+.3f} and {other.gain:+.3f} better on dev, each alone"
    for parts in merged(brief.prompt.parts, one.parts, other.parts):
        yield Proposal(" + ".join(names), parts, why, parents=(one.id, other.id))


def merged(old: Parts, one: Parts, other: Parts) -> list[Parts]:
    """What both make of ``old``: one text, two where they changed the same place, none where nothing is left to join.

    A text that is equal to one of them is no child.
    """
    lines = _lines(old)
    first, second = _hunks(lines, _lines(one)), _hunks(lines, _lines(other))
    wishes = [(first, second), (second, first)] if _clash(first, second) else [(first, second)]
    texts = ["".join(_joined(lines, a, b)).removesuffix("\n") for a, b in wishes]
    found = [parts for text in dict.fromkeys(texts) if not isinstance(parts := parsed(text, old), str)]
    return [parts for parts in found if parts not in (old, one, other)]


def meet(old: Parts, one: Parts, other: Parts) -> bool:
    """Whether both replace a line of ``old`` that the other does, so that one of them has to give way there."""
    lines = _lines(old)
    return _clash(_hunks(lines, _lines(one)), _hunks(lines, _lines(other)))


def _clash(first: Sequence[Hunk], second: Sequence[Hunk]) -> bool:
    return any(_meet(a, b) for a in first for b in second if a != b)


def _lines(parts: Parts) -> list[str]:
    return f"{marked(parts)}\n".splitlines(keepends=True)


def _hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(i, j, tuple(new[a:b])) for kind, i, j, a, b in steps if kind != "equal"]


def _meet(one: Hunk, other: Hunk) -> bool:
    """Whether both replace a line; texts that are put in at one place stand one after the other."""
    return max(one[0], other[0]) < min(one[1], other[1])


def _says(one: Hunk, other: Hunk) -> bool:
    """Whether one puts in at the same place all that the other does: lines that both add stand once."""
    return one[:2] == other[:2] and set(other[2]) <= {*one[2], "\n"}


def _joined(old: Sequence[str], first: Sequence[Hunk], second: Sequence[Hunk]) -> Iterator[str]:
    """The old lines with every hunk of ``first``, and those of ``second`` that do not meet one of them."""
    others = [hunk for hunk in second if not any(_meet(hunk, taken) or _says(taken, hunk) for taken in first)]
    taken = [hunk for hunk in first if not any(_says(other, hunk) for other in others)]
    at = 0
    for start, end, new in sorted([*taken, *others], key=lambda hunk: hunk[:2]):
        yield from old[at:start]
        yield from new
        at = max(at, end)
    yield from old[at:]
