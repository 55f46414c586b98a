"""Few-shot examples: solved dev cases put into the prompt.

Examples are real cases with their wanted answers, chosen so that the cases that fail have a similar one to follow.
Knows nothing of the task: labels, extractions and free text only differ in which cases may serve as an example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from harness.answers import normal, recurring
from harness.proposers.evidence import right
from harness.proposers.place import case_variables, field_names, fresh, input_text, insert
from harness.proposers.words import likeness, vectors
from harness.types import Brief, Direction, Observation, Proposal

NAME = "few_shot"
VERSION = "1"
TECHNIQUE = "few-shot examples"

_MOST = 12  # examples in one prompt
_FEWEST = 3  # examples worth giving
_LONGEST = 800  # characters of one example, so that the examples do not drown the instruction
_POOL = 200  # observations compared with each other: the choice is quadratic in them
_SETTLED = 0.25  # weight of a case that is right already, beside 1 for one that fails


Near = Sequence[Sequence[float]]  # likeness of two cases, both by their index in the pool


@dataclass(frozen=True, slots=True)
class _Shot:
    """One case that may be shown."""

    text: str
    answer: str
    group: str  # the normalised answer where answers recur, else "": balanced and compared within
    weight: float  # how much the case asks for an example like it


def propose(brief: Brief) -> list[Proposal]:
    """Up to three selections of examples, the one that covers the failures best first; none where nothing fails."""
    variables = case_variables(brief.prompt, brief.observations)
    failing = sum(1 for o in brief.observations if right(o, brief.direction) is False)
    pool = _pool(brief, variables)
    room = _MOST - _shown(brief, variables)
    if not failing or min(room, len(pool)) < _FEWEST:
        return []
    names = field_names(brief.prompt, variables)
    why = f"{failing} of {len(brief.observations)} dev cases are answered wrongly and the prompt shows none like them"
    near, sizes = _nearness(pool), _sizes(pool, room)
    selections = [_select(pool, near, *size) for size in sizes]
    selections.append(_select([replace(s, weight=1.0) for s in pool], near, *sizes[0]))
    return fresh(
        brief,
        (Proposal(TECHNIQUE, insert(brief.prompt, _block(shots, *names), variables), why) for shots in selections),
    )


def _shown(brief: Brief, variables: Sequence[str]) -> int:
    """Examples in the prompt already: cases whose text stands there."""
    texts = {input_text(o, variables) for o in brief.observations} - {""}
    return sum(text in brief.prompt.text for text in texts)


def _pool(brief: Brief, variables: Sequence[str]) -> list[_Shot]:
    """The cases that may be shown: with a known right answer, short enough, not in the prompt already."""
    shots: dict[str, _Shot] = {}
    for o in brief.observations:
        text, answer = input_text(o, variables), (_demonstration(o, brief.direction) or "").strip()
        if text and answer and len(text) + len(answer) <= _LONGEST and text not in brief.prompt.text:
            weight = 1.0 if right(o, brief.direction) is False else _SETTLED
            shots.setdefault(text, _Shot(text, answer, normal(answer), weight))
    found = list(shots.values())
    if not recurring([s.answer for s in found]):
        found = [replace(s, group="") for s in found]
    return found if len(found) <= _POOL else Random(brief.seed).sample(found, _POOL)


def _demonstration(observation: Observation, direction: Direction) -> str | None:
    """The answer to show: the wanted one, else the model's own where it scored fully right."""
    if observation.wanted is not None:
        return observation.wanted
    return observation.answer if right(observation, direction) else None


def _sizes(pool: Sequence[_Shot], room: int) -> list[tuple[int, int]]:
    """(examples, most of one group) per selection: two per label then one, or five then three of free answers.

    ``room`` bounds them unless that would leave a label without any.
    """
    groups = len({s.group for s in pool})
    if groups == 1:
        return [(min(5, room), 5), (_FEWEST, _FEWEST)]
    large = max(groups, min(room, max(6, 2 * groups)))
    small = max(_FEWEST, groups)
    return [(size, -(-size // groups)) for size in dict.fromkeys((large, small))]


def _nearness(pool: Sequence[_Shot]) -> Near:
    """How alike each two cases are; 0 where their groups differ, since such an example would mislead."""
    space = list(zip(vectors([s.text for s in pool]), pool, strict=True))
    return [[likeness(a, b) if s.group == t.group else 0.0 for b, t in space] for a, s in space]


def _select(pool: Sequence[_Shot], near: Near, size: int, per_group: int) -> list[_Shot]:
    """Greedy facility location: each pick adds most to how well the weighted cases are covered by a like example.

    A case is covered by the most similar example of its own group. Every group gets one example before any gets a
    second.
    """
    covered = [0.0] * len(pool)
    taken: list[int] = []
    used: dict[str, int] = dict.fromkeys((s.group for s in pool), 0)
    while len(taken) < size:
        floor = min(used.values())
        free = [i for i, s in enumerate(pool) if i not in taken and used[s.group] < per_group]
        free = [i for i in free if used[pool[i].group] == floor] or free
        if not free:
            break
        best = max(free, key=lambda i: _gain(pool, near[i], covered))
        taken.append(best)
        used[pool[best].group] += 1
        covered = [max(c, n) for c, n in zip(covered, near[best], strict=True)]
    return [pool[i] for i in taken]


def _gain(pool: Sequence[_Shot], near: Sequence[float], covered: Sequence[float]) -> float:
    return sum(s.weight * max(0.0, n - c) for s, n, c in zip(pool, near, covered, strict=True))


def _block(shots: Sequence[_Shot], given: str, reply: str) -> str:
    return "Examples of correct answers:\n\n" + "\n\n".join(f"{given}{s.text}\n{reply}{s.answer}" for s in shots)
