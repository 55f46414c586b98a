"""What the observations say to every technique: which answers were right, which labels exist, what is confused.

Knows nothing of prompts or of how a proposal is worded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.answers import closed_labels, mentions, normal, same
from harness.types import Direction, Observation


def right(observation: Observation, direction: Direction) -> bool | None:
    """Whether the reply was right: equal to the wanted one, else a full score of a share; None when nothing says.

    A reply that is not known is judged by its score.
    """
    if observation.wanted is not None and observation.heard:
        return same(observation.wanted, observation.answer)
    if observation.score is None or direction == "lower":
        return None
    return observation.score >= 1.0


def wanted_answers(observations: Iterable[Observation]) -> list[str]:
    """The wanted answers of those observations that have one."""
    return [o.wanted for o in observations if o.wanted is not None]


def labels_of(observations: Iterable[Observation]) -> tuple[str, ...]:
    """The closed list of labels that the node chooses from, sorted; () when its answers are of another kind."""
    return closed_labels(wanted_answers(observations))


def chosen_label(answer: str, labels: Sequence[str]) -> str | None:
    """The label that an answer gives: the one it equals, else the only one it mentions, else None."""
    named = [label for label in labels if normal(label) == normal(answer)]
    named = named or [label for label in labels if mentions(answer, label)]
    return named[0] if len(named) == 1 else None
