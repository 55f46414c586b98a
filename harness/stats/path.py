"""One candidate on arrays, through the screen on dev and its confirmation, by the functions that a run decides with.

For rehearsals and plans, which play many runs: no app, no files, no guardrails, and no halving between candidates. Both
of the latter only refuse more.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.stats.compare import contrast
from harness.stats.decide import decide, futile, screen
from harness.stats.pairing import Paired
from harness.stats.signflip import Floats, as_lattice
from harness.types import Comparison, Direction


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a run that its decisions depend on."""

    metric: str
    direction: Direction
    level: float  # of one confirmation
    confirmations: int  # m
    per_round: int  # candidates screened together
    share: bool  # the metric is right or wrong, or another share of 1 in round steps
    denominator: int  # unit means over all runs lie on a lattice of 1 / this where scores are whole; 0 = on none


def screened(rules: Rules, before: Floats, after: Floats) -> tuple[Comparison | None, int]:
    """The comparison on dev of a candidate that passes, and how many runs of each case it took to tell.

    ``before`` and ``after``: shape (units, runs), in the metric's unit.
    """
    runs = before.shape[1]
    sign = 1 if rules.direction == "higher" else -1
    for stage in sorted({1, min(2, runs)}):
        if sign * float(after[:, :stage].sum() - before[:, :stage].sum()) <= 0:  # ``futile``, without a p value
            return None, stage
    found = compared(rules, before, after)
    return (found if screen(found) and not futile(found) else None), runs


def confirmed(rules: Rules, before: Floats, after: Floats) -> bool:
    """Whether the candidate is kept."""
    return decide(compared(rules, before, after), (), rules.level, 0.0).verdict == "keep"


def compared(rules: Rules, before: Floats, after: Floats) -> Comparison:
    """The comparison that a run would make; where the exact law is out of reach its flips have a fixed seed."""
    old, new = before.mean(axis=1), after.mean(axis=1)
    lattice = as_lattice(new - old, rules.denominator) if rules.denominator else None
    return contrast(rules.metric, rules.direction, Paired(old, new, 0, lattice, rules.share), seed=0)
