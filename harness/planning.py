"""What a run could see and what it would take, before money is spent: from a recorded baseline or from assumptions.

Calls no model. The arithmetic of power is in ``stats``; here a baseline becomes its law, and evaluations become a bill.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness import stats
from harness.errors import UserError
from harness.protocols import Metric
from harness.recorded import Cost, Record, Taken, cost, taken
from harness.statistic import listed
from harness.stats import Law, Resampled, Rules, Shares, Units
from harness.types import Direction, Goal, Settings

TWO_STAGES, HOLDOUT = 90, 60  # cases from which a holdout is sealed, and how many it has at least: cases.split
SIZES = (1.0, 1.5, 2.0, 3.0, 4.0, 8.0)  # times the cases there are
RUNS = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Basis:
    """The app that is planned for."""

    source: str  # "the baseline of run ...", or "assumptions"
    metric: str
    unit: str  # UNIT of the metric
    direction: Direction
    mean: float
    target: float | None  # of the goal, in the metric's unit
    noise: float | None  # part of the variance of a single run that is the run's, 0-1; None where nothing varies
    law: Law
    units: Units
    parts: tuple[int, int]  # cases of dev and holdout; more than units where they form clusters
    settings: Settings
    each: Taken | None  # what one run of a case takes; None = not known

    @property
    def cases(self) -> int:
        """In all."""
        return sum(self.parts)

    @property
    def size(self) -> float:
        """Cases in a unit, on the mean."""
        return self.cases / (self.units.dev + self.units.holdout)


@dataclass(frozen=True, slots=True)
class Assumed:
    """An app that has not been measured: right or wrong."""

    accuracy: float  # 0-1
    cases: int
    runs: int
    noise: float  # as in Basis
    target: float | None
    cluster: int = 1  # cases that stand or fall together


@dataclass(frozen=True, slots=True)
class Point:
    """A set of another size."""

    cases: int  # dev and holdout
    lift: float | None  # smallest that is kept with 80 % chance; None = none can be
    candidate: Cost | None  # one candidate to its end


@dataclass(frozen=True, slots=True)
class Need:
    """Cases that the goal takes at one number of runs."""

    runs: int
    cases: int  # dev and holdout
    evaluations: int  # cases run once, for one candidate to its end


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the bill, nothing replayed."""

    what: str
    evaluations: int  # at most
    cost: Cost | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be known."""

    basis: Basis
    smallest: float | None  # lift that this set keeps with 80 % chance, better is positive
    wanted: float | None  # lift that the goal takes; None = no goal, or it is reached
    chance: float | None  # of keeping one change of that lift with this set; None = no change of its kind can have it
    needs: tuple[Need, ...]  # for it, by runs
    curve: tuple[Point, ...]  # what more cases would buy
    bill: tuple[Item, ...]


def measured(record: Record, metrics: Mapping[str, Metric], name: str) -> Basis:
    """The app as its baseline shows it; ``name`` "" takes the first goal that the baseline misses.

    Raises UserError for an unknown metric and for one without a value in every run of two cases.
    """
    metric, goal = _aim(record, metrics, name)
    clusters = {case.id: case.cluster for case in record.cases}
    table = stats.tabled(record.scores(metric, record.cases, record.baseline), clusters)
    found = stats.law_of(metric.NAME, table, metric.DIRECTION) if len(table.values) > 1 else None
    if found is None:
        raise UserError(f"{metric.NAME} has no value in every run of two cases", fix="plan for another --metric")
    law, noise = found
    dev, holdout = (len({case.cluster or case.id for case in p}) for p in (record.split.dev, record.split.holdout))
    return Basis(
        source=f"the baseline of run {record.run_id}",
        metric=metric.NAME,
        unit=metric.UNIT,
        direction=metric.DIRECTION,
        mean=noise.mean,
        target=goal.target if goal else None,
        noise=noise.share,
        law=law,
        units=Units(dev, holdout, record.settings.runs),
        parts=(len(record.split.dev), len(record.split.holdout)),
        settings=record.settings,
        each=taken(record),
    )


def assumed(asked: Assumed, settings: Settings) -> Basis:
    """An app as it is imagined."""
    dev, holdout = parted(max(2, asked.cases // asked.cluster), asked.cluster)
    return Basis(
        source="assumptions",
        metric="accuracy",
        unit="",
        direction="higher",
        mean=asked.accuracy,
        target=asked.target,
        noise=asked.noise,
        law=Shares(asked.accuracy, asked.noise, asked.cluster),
        units=Units(dev, holdout, asked.runs),
        parts=(dev * asked.cluster, holdout * asked.cluster),
        settings=settings,
        each=None,
    )


def aimed(basis: Basis, target: float) -> Basis:
    """The same with another target, in the metric's unit."""
    return replace(basis, target=target)


def plan(basis: Basis, seed: int) -> Plan:
    """Simulate what the set can see, carry it over to other sizes, and write the bill."""
    rules, law, units = rules_of(basis), basis.law, basis.units
    kappa = stats.calibrated(rules, law, units, seed)
    wanted = _wanted(basis)
    possible = wanted is not None and wanted <= law.most()
    smallest = None if kappa is None else stats.smallest(kappa, law, units.runs, units.deciding)
    return Plan(
        basis=basis,
        smallest=smallest,
        wanted=wanted,
        chance=stats.power(rules, law, units, wanted, seed) if wanted is not None and possible else None,
        needs=tuple(_needs(basis, kappa, wanted)) if wanted is not None and possible and kappa is not None else (),
        curve=tuple(_curve(basis, kappa)),
        bill=tuple(_bill(basis)),
    )


def rules_of(basis: Basis) -> Rules:
    """What a run decides by: the first confirmation of a holdout that no run has asked."""
    return Rules(
        metric=basis.metric,
        direction=basis.direction,
        settings=replace(basis.settings, runs=basis.units.runs),
        two_stage=basis.units.holdout > 0,
        share=isinstance(basis.law, Shares),
        denominator=basis.law.denominator(basis.units.runs),
        banks=(basis.law.bank,) if isinstance(basis.law, Resampled) else (),
    )


def parted(units: int, size: int = 1) -> tuple[int, int]:
    """Dev and holdout of that many units of ``size`` cases each, as ``cases.split`` parts them on the mean."""
    if units * size < TWO_STAGES:
        return units, 0
    holdout = max(math.ceil(HOLDOUT / size), round(units * 2 / 3))
    return units - holdout, holdout


def _aim(record: Record, metrics: Mapping[str, Metric], name: str) -> tuple[Metric, Goal | None]:
    """The metric asked for with its goal, else that of the first goal that the baseline misses."""
    goals = {goal.metric: goal for goal in record.goals.goals if goal.metric in metrics}
    if name and name not in metrics:
        raise UserError(f"unknown metric {name!r}", where="--metric", fix=f"known: {listed(metrics)}")
    for goal in () if name else goals.values():
        found = stats.summarise(goal.metric, record.scores(metrics[goal.metric], record.cases, record.baseline))
        if goal.target is not None and found.mean is not None and _lift(goal.direction, goal.target, found.mean) > 0:
            return metrics[goal.metric], goal
    chosen = name or next(iter(goals))
    return metrics[chosen], goals.get(chosen)


def _lift(direction: Direction, target: float, mean: float) -> float:
    return target - mean if direction == "higher" else mean - target


def _wanted(basis: Basis) -> float | None:
    lift = None if basis.target is None else _lift(basis.direction, basis.target, basis.mean)
    return lift if lift is not None and lift > 0 else None


def _needs(basis: Basis, kappa: float, lift: float) -> Iterator[Need]:
    """By number of runs; never fewer cases than a sealed holdout takes."""
    for runs in sorted({*RUNS, basis.units.runs}):
        deciding = max(stats.units_needed(kappa, basis.law, runs, lift), math.ceil(HOLDOUT / basis.size))
        cases = max(TWO_STAGES, math.ceil(1.5 * deciding * basis.size))
        yield Need(runs, cases, _candidate(parted(cases), runs))


def _curve(basis: Basis, kappa: float | None) -> Iterator[Point]:
    for factor in SIZES:
        cases = round(basis.cases * factor)
        dev, holdout = basis.parts if factor == 1.0 else parted(cases)
        deciding = max(1, round((holdout or dev) / basis.size))
        lift = None if kappa is None else stats.smallest(kappa, basis.law, basis.units.runs, deciding)
        yield Point(cases, lift, _cost(basis, _candidate((dev, holdout), basis.units.runs)))


def _candidate(parts: tuple[int, int], runs: int) -> int:
    """Evaluations of one candidate to its end: the screen on dev, and both arms of its confirmation."""
    dev, holdout = parts
    return dev * Settings(runs=runs).few_runs + 2 * (holdout or dev) * runs


def _bill(basis: Basis) -> Iterator[Item]:
    chosen, runs = basis.settings, basis.units.runs
    dev, holdout = basis.parts
    screen, confirm, baseline = dev * chosen.few_runs, 2 * (holdout or dev) * runs, basis.cases * runs
    whole = baseline + chosen.max_iterations * (chosen.most_candidates * screen + confirm + baseline)
    for what, evaluations in (
        ("the baseline", baseline),
        ("the screen of one candidate", screen),
        ("one confirmation, both arms", confirm),
        ("the whole run", whole),
    ):
        yield Item(what, evaluations, _cost(basis, evaluations))


def _cost(basis: Basis, evaluations: int) -> Cost | None:
    return None if basis.each is None else cost(basis.each, evaluations, basis.settings.concurrency)
