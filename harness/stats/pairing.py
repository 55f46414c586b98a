"""Scores -> one value per unit and arm. Knows what a case, a run index and a cluster are; nothing of tests or levels.

A score that is None or no usable number is missing. In a comparison only those run indices of a case count that have a
value in both arms: the same number of draws on either side is what makes the arms exchangeable when nothing changed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.stats.signflip import Floats, Ints, as_lattice
from harness.stats.whole import Whole, gathered
from harness.types import Score

LARGEST_DENOMINATOR = 10_000  # run counts and cluster sizes together; beyond it the sampled test is used

LARGEST = 1e100  # a larger score, inf or nan is missing: squares must not overflow

Draws = dict[str, dict[int, float]]  # values by run index, by case


@dataclass(frozen=True, slots=True)
class Paired:
    """Both arms of a comparison, unit by unit."""

    before: Floats  # mean of the baseline, shape (units,)
    after: Floats  # mean of the candidate, shape (units,)
    missing: int  # units without a pair of values
    lattice: Ints | None  # after - before in integer steps, or None
    share: bool  # every score is a share of 1 in round steps, such as right or wrong
    units: tuple[str, ...] = ()  # their ids, where known
    whole: Whole | None = None  # the same runs, where the metric is a statistic of the whole set and no mean

    def only(self, units: Container[str]) -> Paired:
        """The part that belongs to ``units``."""
        kept = np.array([unit in units for unit in self.units], dtype=bool)
        lattice = None if self.lattice is None else self.lattice[kept]
        names = tuple(unit for unit in self.units if unit in units)
        whole = None if self.whole is None else self.whole.only(kept)
        return replace(
            self, before=self.before[kept], after=self.after[kept], lattice=lattice, units=names, whole=whole
        )


def pair(before: Sequence[Score], after: Sequence[Score], clusters: Mapping[str, str]) -> Paired:
    """The units that have a value in both arms, in the order of their ids.

    ``clusters``: cluster by case id; a case that it lacks, or names "", is a unit of its own. A unit's value is the
    mean over its cases of the mean over their shared run indices. Scores of a statistic of the whole set keep these
    runs besides.
    """
    old, new = draws(before), draws(after)
    cases: dict[str, tuple[float, float]] = {}
    runs: set[int] = set()
    for case in old.keys() & new.keys():
        shared = old[case].keys() & new[case].keys()
        if shared:
            cases[case] = (_mean([old[case][k] for k in shared]), _mean([new[case][k] for k in shared]))
            runs.add(len(shared))
    units: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for case, values in cases.items():
        units[clusters.get(case) or case].append(values)
    named = {clusters.get(case) or case for case in {score.case for arm in (before, after) for score in arm}}
    rows = [(_mean([b for b, _ in units[unit]]), _mean([a for _, a in units[unit]])) for unit in sorted(units)]
    table = np.array(rows, dtype=np.float64).reshape(-1, 2)
    denominator = math.lcm(*runs) * math.lcm(*{len(members) for members in units.values()})
    fits = denominator <= LARGEST_DENOMINATOR
    lattice = as_lattice(table[:, 1] - table[:, 0], denominator) if fits else None
    share = is_share([*before, *after], _flat(old, new))
    whole = _whole(before, after, {case: clusters.get(case) or case for case in cases}) if cases else None
    return Paired(table[:, 0], table[:, 1], len(named) - len(rows), lattice, share, tuple(sorted(units)), whole)


def statistic_of(scores: Sequence[Score]) -> str:
    """The statistic of the whole set that the scores stand for, "" for a mean over cases."""
    return next((score.statistic for score in scores if score.statistic), "")


def valued(scores: Sequence[Score]) -> dict[tuple[str, int], Score]:
    """The scores that ``draws`` counts, by case and run."""
    return {(s.case, s.k): s for s in scores if s.value is not None and abs(s.value) <= LARGEST}


def _whole(before: Sequence[Score], after: Sequence[Score], unit_of: Mapping[str, str]) -> Whole | None:
    statistic = statistic_of(before) or statistic_of(after)
    if not statistic:
        return None
    old, new = valued(before), valued(after)
    place = {unit: index for index, unit in enumerate(sorted(set(unit_of.values())))}
    shared = old.keys() & new.keys()
    arms = [{run: arm[run] for run in shared} for arm in (old, new)]
    return gathered(statistic, arms[0], arms[1], {case: place[unit] for case, unit in unit_of.items()})


def alone(scores: Sequence[Score]) -> Whole | None:
    """One arm of a statistic of the whole set, beside itself; None for a mean and where nothing has a value."""
    found = valued(scores)
    cases = sorted({case for case, _ in found})
    statistic = statistic_of(scores)
    return gathered(statistic, found, found, {c: i for i, c in enumerate(cases)}) if statistic and cases else None


def case_means(scores: Sequence[Score]) -> tuple[Floats, int, bool]:
    """Mean of each case over its runs in the order of the ids, cases without a value, and whether it is a share."""
    found = draws(scores)
    means = np.array([_mean(list(found[case].values())) for case in sorted(found)], dtype=np.float64)
    return means, len({score.case for score in scores}) - len(found), is_share(scores, _flat(found))


def draws(scores: Sequence[Score]) -> Draws:
    """Usable values by run index, by case; of a run that occurs twice the last counts."""
    found: Draws = defaultdict(dict)
    for score in scores:
        if score.value is not None and abs(score.value) <= LARGEST:
            found[score.case][score.k] = score.value
    return dict(found)


def is_share(scores: Sequence[Score], values: Floats) -> bool:
    """Whether the metric is a share of 1 and all values lie on a lattice of round steps: right or wrong, halves.

    Values of a unit never are: a cost of 0 USD in every case is no share of 0, and nothing is uncertain about it.
    """
    inside = values.size > 0 and not any(score.unit for score in scores) and values.min() >= 0.0 and values.max() <= 1.0
    return bool(inside and as_lattice(values, 1) is not None)


def _flat(*arms: Draws) -> Floats:
    return np.array([value for arm in arms for runs in arm.values() for value in runs.values()], dtype=np.float64)


def _mean(values: Sequence[float]) -> float:
    """Correctly rounded, so that the order of the values cannot change it."""
    return math.fsum(values) / len(values)
