"""One candidate on arrays, through the screen on dev and its confirmation, by the functions that a run decides with.

For rehearsals and plans, which play many runs: no app, no files, no guardrails, and no halving between candidates. Both
of the latter only refuse more.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness import levels
from harness.stats.bank import Bank
from harness.stats.compare import contrast, sight
from harness.stats.decide import futile, judge, screen
from harness.stats.looks import plan
from harness.stats.pairing import Paired
from harness.stats.signflip import Floats, as_lattice
from harness.stats.swap import FEWEST_FLIPS
from harness.types import Comparison, Decision, Direction, Settings

_ROUGH = 400  # swaps that tell a candidate that is clearly worse


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a run that its decisions depend on."""

    metric: str
    direction: Direction
    settings: Settings
    two_stage: bool  # there is a sealed holdout
    share: bool  # the metric is right or wrong, or another share of 1 in round steps
    denominator: int  # unit means over all runs lie on a lattice of 1 / this where scores are whole; 0 = on none
    banks: tuple[Bank, ...] = ()  # of a statistic of the whole set, dev first: arrays hold numbers of outcomes then

    @property
    def per_round(self) -> int:
        """Candidates screened together."""
        return levels.per_round(self.settings, two_stage=self.two_stage)

    def level(self, spent: int, used: float) -> float:
        """Offered to the next confirmation, see ``levels.level``."""
        return levels.level(self.settings, two_stage=self.two_stage, spent=spent, used=used)


def screened(rules: Rules, before: Floats, after: Floats) -> tuple[Comparison | None, int]:
    """The comparison on dev of a candidate that passes, and how many runs of each case it took to tell.

    ``before`` and ``after``: shape (units, runs), in the metric's unit.
    """
    runs, sign = min(before.shape[1], rules.settings.few_runs), 1 if rules.direction == "higher" else -1
    for stage in range(1, runs):
        worse = sign * raised(rules, before[:, :stage], after[:, :stage]) < 0.0  # else not futile, whatever its p
        if worse and futile(_contrasted(rules, before, after, stage), last=False):
            return None, stage
    found = _contrasted(rules, before, after, runs, flips=1)
    return (found if screen(found, share=rules.share) and not futile(found, last=True) else None), runs


def confirmed(rules: Rules, before: Floats, after: Floats, level: float) -> Decision:
    """The confirmation at ``level``, look by look in the order of the units; its flips, if any, have a fixed seed."""
    if rules.banks:
        arms = rules.banks[-1].paired(before, after, FEWEST_FLIPS)
    else:
        arms = _paired(rules, before, after, before.shape[1])
    looks = rules.settings.looks if rules.two_stage else 1
    course = plan({unit: unit for unit in arms.units}, level, looks, seed=0)
    taken = range(1, len(course.blocks) + 1)
    sightings = (sight(rules.metric, rules.direction, arms.only(course.seen(n)), course, n, seed=0) for n in taken)
    return next(decision for seen in sightings if (decision := judge(seen, course, (), 0.0)) is not None)


def raised(rules: Rules, before: Floats, after: Floats) -> float:
    """Something with the sign of the metric's change on dev: the sum over all runs, or the change of the statistic."""
    if not rules.banks:
        return float((after - before).sum())
    old, new = rules.banks[0].whole(before, after).ends()
    return new - old


def _contrasted(rules: Rules, before: Floats, after: Floats, runs: int, flips: int = _ROUGH) -> Comparison:
    """The first ``runs`` runs on dev; of a statistic of the whole set with ``flips`` swaps, 1 where nobody reads p."""
    if rules.banks:
        arms = rules.banks[0].paired(before[:, :runs], after[:, :runs], flips)
    else:
        arms = _paired(rules, before, after, runs)
    return contrast(rules.metric, rules.direction, arms, seed=0)


def _paired(rules: Rules, before: Floats, after: Floats, runs: int) -> Paired:
    """The first ``runs`` runs of both arms, on the lattice of that many."""
    old, new = before[:, :runs].mean(axis=1), after[:, :runs].mean(axis=1)
    steps = rules.denominator * runs // before.shape[1]
    lattice = as_lattice(new - old, steps) if steps else None
    return Paired(old, new, 0, lattice, rules.share, tuple(map(str, range(len(old)))))
