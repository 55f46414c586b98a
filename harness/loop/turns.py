"""Whose idea is tried next, where several proposers were named: a bandit that learns from what their ideas were worth.

Thompson sampling: for every place of a round each proposer draws how often its ideas are of use, from the law that its
own record leaves open, and divides it by the model calls that an idea of it takes; the highest draw gets the place.
Pure and deterministic by seed; knows no proposer, no journal and no idea.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from harness.types import Yield


@dataclass(slots=True)
class Turns:
    """The order of one round."""

    record: Mapping[str, Yield]  # by proposer, earlier runs included
    lots: Random

    def next(self, names: Sequence[str]) -> str:
        """Which of those that may still have an idea gets the next place. ``names`` has one at least."""
        draws = {name: self._draw(self.record.get(name, Yield(name))) for name in names}
        return max(names, key=lambda name: draws[name])

    def _draw(self, found: Yield) -> float:
        """Uses per model call, drawn. One idea of the usual price is added to what is known, so that none costs 0."""
        use = self.lots.betavariate(1 + found.worth, 1 + max(found.tried + found.refused - found.worth, 0.0))
        return use * (found.tried + found.refused + 1) / (found.calls + _usual(list(self.record.values())))


def _usual(found: Sequence[Yield]) -> float:
    """Model calls of one idea, over all proposers; 1 before there was any."""
    ideas, calls = sum(one.tried + one.refused for one in found), sum(one.calls for one in found)
    return max(calls / ideas, 1.0) if ideas else 1.0


def added(first: Yield, second: Yield) -> Yield:
    """Two records of one proposer as one."""
    return Yield(
        first.proposer, first.tried + second.tried, first.refused + second.refused, first.passed + second.passed,
        first.kept + second.kept, first.gain + second.gain, first.asked + second.asked,
        first.measured + second.measured,
    )  # fmt: skip
