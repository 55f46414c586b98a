"""Few-shot examples: solved dev cases put into the prompt.

Examples are real cases with their wanted answers, chosen so that the cases that fail have a similar one to follow.
Knows nothing of the task: labels, extractions and free text only differ in which cases may serve as an example.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from harness import redaction
from harness.answers import normal, recurring
from harness.proposers.evidence import right
from harness.proposers.place import case_variables, field_names, fresh, input_text, insert
from harness.proposers.words import likeness, vectors
from harness.types import Brief, Direction, Observation, Proposal, Technique

NAME = "few_shot"
VERSION = "2"
TECHNIQUE = Technique(
    name="few-shot examples",
    symptom="cases are answered wrongly and the prompt shows none like them",
    accuracy="up",
    latency="up a little",
    cost="up by the longer prompt",
    stars=5,
    reason="shows what words describe badly: where a label ends, how an answer looks",
)

_FEWEST = 3  # examples worth giving
_MOST = 7  # examples in a prompt that had none; more only where there are more groups than that
_LATER = 10  # examples once some of them were kept
_LONGEST = 800  # characters of one example, so that the examples do not drown the instruction
_POOL = 200  # observations compared with each other: the choice is quadratic in them
_SETTLED = 0.25  # weight of a case that is right already, beside 1 for one that fails
_HEADING = "Examples of correct answers"

Near = Sequence[Sequence[float]]  # likeness of two cases, both by their index in the pool


@dataclass(frozen=True, slots=True)
class _Shot:
    """One case: it wants an example like it, and may be one itself."""

    text: str
    answer: str  # "" = nothing to show: no right answer is known, it is too long, or holds a secret
    group: str  # examples are balanced over groups, and compared within: answers that recur, else categories, else ""
    weight: float  # how much the case asks for an example like it


def propose(brief: Brief) -> list[Proposal]:
    """Up to three selections of examples, the one that covers the failures best first; none where nothing fails."""
    variables = case_variables(brief.prompt, brief.observations)
    failing = sum(1 for o in brief.observations if right(o, brief.direction) is False)
    shots = _shots(brief, variables)
    shown = Counter(s.group for s in shots if s.text in brief.prompt.text)
    pool = _sampled([s for s in shots if s.text not in brief.prompt.text], brief.seed)
    groups = len({s.group for s in shots if s.answer})
    sizes = _sizes(groups, shown.total(), sum(1 for s in pool if s.answer))
    if not failing or not sizes:
        return []
    heading = "More examples of correct answers" if _HEADING in brief.prompt.text else _HEADING
    words = (*field_names(brief.prompt, variables), heading)
    why = f"{failing} of {len(brief.observations)} dev cases are answered wrongly and the prompt shows none like them"
    near = _nearness(pool)
    selections = [_select(pool, near, size, shown) for size in sizes]
    selections.append(_select([replace(s, weight=1.0) for s in pool], near, sizes[0], shown))
    return fresh(
        brief,
        (Proposal(TECHNIQUE.name, insert(brief.prompt, _block(s, *words), variables), why) for s in selections),
    )


def _shots(brief: Brief, variables: Sequence[str]) -> list[_Shot]:
    """Every case with a text, each text once."""
    shots: dict[str, _Shot] = {}
    categories: dict[str, str] = {}
    for o in brief.observations:
        text, answer = input_text(o, variables), (_demonstration(o, brief.direction) or "").strip()
        if text:
            short = len(text) + len(answer) <= _LONGEST and not redaction.holds(f"{text}\n{answer}")
            weight = 1.0 if right(o, brief.direction) is False else _SETTLED
            shots.setdefault(text, _Shot(text, answer if short else "", normal(answer), weight))
            categories.setdefault(text, o.category)
    found = list(shots.values())
    if recurring([s.group for s in found if s.group]):
        return found
    if recurring([category for category in categories.values() if category]):
        return [replace(s, group=categories[s.text]) for s in found]
    return [replace(s, group="") for s in found]


def _demonstration(observation: Observation, direction: Direction) -> str | None:
    """The answer to show: the wanted one, else the model's own where it scored fully right."""
    if observation.wanted is not None:
        return observation.wanted
    return observation.answer if right(observation, direction) else None


def _sampled(shots: list[_Shot], seed: int) -> list[_Shot]:
    return shots if len(shots) <= _POOL else Random(seed).sample(shots, _POOL)


def _sizes(groups: int, shown: int, showable: int) -> list[int]:
    """Numbers of examples to add: seven, then as few as give every group one; () where too little can be shown.

    A prompt that shows some already is filled up to ten. Where there are more groups than these, one of each.
    """
    room = max(_LATER if shown else _MOST, groups) - shown
    most = min(room, showable)
    if most < _FEWEST:
        return []
    return list(dict.fromkeys((most, most if shown else min(most, max(_FEWEST, groups)))))


def _nearness(pool: Sequence[_Shot]) -> Near:
    """How alike each two cases are; 0 where their groups differ, since such an example would mislead."""
    space = list(zip(vectors([s.text for s in pool]), pool, strict=True))
    return [[likeness(a, b) if s.group == t.group else 0.0 for b, t in space] for a, s in space]


def _select(pool: Sequence[_Shot], near: Near, size: int, shown: Counter[str]) -> list[_Shot]:
    """Greedy facility location: each pick adds most to how well the weighted cases are covered by a like example.

    A case is covered by the most similar example of its own group. No group gets an example before those with fewer,
    the ``shown`` ones counted, as long as they have one to give.
    """
    covered = [0.0] * len(pool)
    free = {i for i, s in enumerate(pool) if s.answer}
    taken: list[int] = []
    used = Counter(shown)
    while free and len(taken) < size:
        floor = min(used[pool[i].group] for i in free)
        best = max(sorted(i for i in free if used[pool[i].group] == floor), key=lambda i: _gain(pool, near[i], covered))
        free.remove(best)
        taken.append(best)
        used[pool[best].group] += 1
        covered = [max(c, n) for c, n in zip(covered, near[best], strict=True)]
    return [pool[i] for i in taken]


def _gain(pool: Sequence[_Shot], near: Sequence[float], covered: Sequence[float]) -> float:
    return sum(s.weight * max(0.0, n - c) for s, n, c in zip(pool, near, covered, strict=True))


def _block(shots: Sequence[_Shot], given: str, reply: str, heading: str) -> str:
    return f"{heading}:\n\n" + "\n\n".join(f"{given}{s.text}\n{reply}{s.answer}" for s in shots)
