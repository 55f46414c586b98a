"""Self-consistency: the model is asked five times, and the reply that most of the five have counts.

For replies that can be equal: a label of a closed list, JSON of fixed keys, or a few words. Where the reply holds more
than the answer, only the app's own parser could tell whether two agree, and nothing is proposed. Knows no code: where
a call can be made several times is in ``Node.repeats``, and where it cannot the refusal says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from harness.answers import fixed_keys
from harness.proposers.evidence import labels_of, wanted_answers
from harness.proposers.place import fresh
from harness.types import Brief, Observation, Proposal, Technique

NAME = "self_consistency"
VERSION = "1"
TECHNIQUE = Technique(
    name="self-consistency",
    symptom="one case is answered rightly in some runs and wrongly in others, and the replies are short",
    accuracy="up where the right reply is the commonest",
    latency="±0 to five times",
    cost="five times",
    stars=2,
    reason="takes away what is chance in a reply, for four more calls; where tokens or cost are a goal it seldom holds",
    parameter="samples",
)
_SAMPLES = "5"
_SHORT = 40  # characters of a reply that two draws can have in common


def propose(brief: Brief) -> list[Proposal]:
    """Five samples at each call of the node; none where the goal is to spend less or the replies cannot be equal."""
    uneven = sum(seen.score is not None and 0.0 < seen.score < 1.0 for seen in brief.observations)
    if brief.direction == "lower" or not uneven or not _comparable(brief.observations):
        return []
    why = f"{uneven} of {len(brief.observations)} dev cases are answered rightly in some runs and wrongly in others"
    places = [repeat.place for repeat in brief.node.repeats if repeat.place is not None]
    return fresh(
        brief, [Proposal(TECHNIQUE.name, (_SAMPLES,), why, TECHNIQUE.parameter, at) for at in places or (None,)]
    )


def _comparable(observations: Sequence[Observation]) -> bool:
    """Whether the wanted answers are short or of a fixed form, and the replies hold little besides."""
    wanted = wanted_answers(observations)
    heard = [len(seen.answer) for seen in observations if seen.heard]
    if not wanted or not heard:
        return False
    longest = max(len(text.strip()) for text in wanted)
    short = bool(labels_of(observations) or fixed_keys(wanted)) or longest <= _SHORT
    return short and median(heard) <= max(_SHORT, longest)
