"""Simulated worlds: what a run would meet if the truth were known. The decision rule is proved on them, with no model.

A case is a chance of being right. A candidate maps the chances of all cases to new ones. Runs of a case are independent
draws from its chance, so a world has case difficulty (how chances spread), run noise (none where chances are 0 or 1),
a share of cases fixed and broken by a change, and an order in which candidates come.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from harness.stats import Paired, contrast, decide, futile, screen
from harness.types import Comparison

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class World:
    """One app with its cases."""

    accuracy: float = 0.6  # mean chance of a case
    noise: float = 2.0  # spread of difficulty: chances ~ Beta(a x noise, (1 - a) x noise); 0 = every chance is 0 or 1
    dev: int = 60  # cases
    holdout: int = 120
    runs: int = 5  # draws per case

    def chances(self, rng: Rng, n: int) -> Floats:
        """Chances of ``n`` fresh cases."""
        if self.noise == 0.0:
            return (rng.random(n) < self.accuracy).astype(np.float64)
        return rng.beta(self.accuracy * self.noise, (1 - self.accuracy) * self.noise, n)


Effect = Callable[[World, Floats, Rng], Floats]  # chances before -> chances under the candidate


def redraw(world: World, chances: Floats, rng: Rng) -> Floats:
    """A/A as prompts really behave: every case's outcome changes, the mean does not."""
    return world.chances(rng, chances.size)


def same(world: World, chances: Floats, rng: Rng) -> Floats:
    """A/A where nothing changes but the draw."""
    return chances


@dataclass(frozen=True, slots=True)
class FixBreak:
    """Mends a random share of the cases and spoils another: gain = fixed x (1 - accuracy) - broken x accuracy."""

    fixed: float
    broken: float

    def __call__(self, world: World, chances: Floats, rng: Rng) -> Floats:
        lot = rng.random(chances.size)
        return np.where(lot < self.fixed, 1.0, np.where(lot < self.fixed + self.broken, 0.0, chances))


@dataclass(frozen=True, slots=True)
class HelpAll:
    """Moves every case a little on the log-odds scale."""

    shift: float

    def __call__(self, world: World, chances: Floats, rng: Rng) -> Floats:
        kept = np.clip(chances, 1e-9, 1 - 1e-9)
        return np.reciprocal(1.0 + (1.0 - kept) / kept * math.exp(-self.shift))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal: what it does on dev, what on the holdout, and whether it is truly better."""

    effect: Effect
    dev_effect: Effect | None = None  # where it overfits dev; None = the same effect
    good: bool = False


@dataclass(frozen=True, slots=True)
class Arm:
    """One version of the app, measured: draws of shape (cases, runs)."""

    dev: Bools
    holdout: Bools
    dev_chances: Floats
    holdout_chances: Floats


@dataclass(frozen=True, slots=True)
class Ending:
    """How one simulated run ended."""

    false_keeps: int = 0
    good_keeps: int = 0
    confirmations: int = 0
    evaluations: int = 0  # cases run once


@dataclass(frozen=True, slots=True)
class Policy:
    """The loop's settings that matter to its error rates."""

    alpha: float = 0.05
    confirmations: int = 5  # m
    per_round: int = 8  # candidates screened together
    screened: bool = True  # False: the best of every round is confirmed whatever dev says


def draw(chances: Floats, runs: int, rng: Rng) -> Bools:
    """Outcomes of shape (cases, runs)."""
    return rng.random((chances.size, runs)) < chances[:, None]


def measured(world: World, dev: Floats, holdout: Floats, rng: Rng) -> Arm:
    """Fresh draws of every case."""
    return Arm(draw(dev, world.runs, rng), draw(holdout, world.runs, rng), dev, holdout)


def paired(before: Bools, after: Bools) -> Paired:
    """Two arms of outcomes as the statistics take them; equals ``pairing.pair`` on the same scores."""
    steps = after.sum(axis=1, dtype=np.int64) - before.sum(axis=1, dtype=np.int64)
    return Paired(before.mean(axis=1), after.mean(axis=1), 0, steps, share=True)


def compared(before: Bools, after: Bools) -> Comparison:
    """The comparison that the loop would make."""
    return contrast("accuracy", "higher", paired(before, after), seed=0)


def arm_of(world: World, candidate: Candidate, best: Arm, rng: Rng) -> Arm:
    """The candidate applied to the best version so far."""
    dev = (candidate.dev_effect or candidate.effect)(world, best.dev_chances, rng)
    return measured(world, dev, candidate.effect(world, best.holdout_chances, rng), rng)


def screened(world: World, best: Arm, arm: Arm, policy: Policy) -> tuple[Comparison | None, int]:
    """Successive halving over 1, 2 and all runs: the comparison of one that passed, and how often each case was run."""
    for runs in sorted({1, min(2, world.runs)}) if policy.screened else ():
        if futile(compared(best.dev[:, :runs], arm.dev[:, :runs])):
            return None, runs
    found = compared(best.dev, arm.dev)
    return (found if screen(found) or not policy.screened else None), world.runs


def tuned(world: World, candidates: Sequence[Candidate], rng: Rng, policy: Policy) -> Ending:
    """A whole run by our rule: screened on dev, confirmed at alpha / m on the holdout, m times at most."""
    best = measured(world, world.chances(rng, world.dev), world.chances(rng, world.holdout), rng)
    end = Ending(evaluations=(world.dev + world.holdout) * world.runs)
    waiting = list(candidates)
    pool: list[tuple[float, float, int, Candidate, Arm]] = []
    while end.confirmations < policy.confirmations and (pool or waiting):
        if not pool:
            batch, waiting = waiting[: policy.per_round], waiting[policy.per_round :]
            arms = [(candidate, arm_of(world, candidate, best, rng)) for candidate in batch]
            for place, (candidate, arm) in enumerate(arms):
                found, runs = screened(world, best, arm, policy)
                end = replace(end, evaluations=end.evaluations + runs * world.dev)
                if found is not None and found.p is not None and found.gain is not None:
                    pool.append((found.p, -found.gain, place, candidate, arm))
            pool = sorted(pool)[: None if policy.screened else 1]
            continue
        *_, candidate, arm = pool.pop(0)
        verdict = decide(compared(best.holdout, arm.holdout), (), policy.alpha / policy.confirmations, 0.0).verdict
        cost = end.evaluations + world.holdout * world.runs
        end = replace(end, confirmations=end.confirmations + 1, evaluations=cost)
        if verdict == "keep":
            end = _count(end, candidate)
            best = measured(world, arm.dev_chances, arm.holdout_chances, rng)
            waiting = [entry[3] for entry in pool] + waiting  # to be screened against the new best
            pool = []
            end = replace(end, evaluations=end.evaluations + (world.dev + world.holdout) * world.runs)
    return end


Accepts = Callable[[Bools, Bools], bool]  # outcomes of the best so far and of the candidate -> take it?


def mean_went_up(before: Bools, after: Bools) -> bool:
    """The rule of popular optimizers."""
    return bool(after.mean() > before.mean())


def greedy(world: World, candidates: Sequence[Candidate], rng: Rng, accepts: Accepts) -> Ending:
    """A control: candidates one by one on dev alone, the winner's own score is the next to beat."""
    best = measured(world, world.chances(rng, world.dev), world.chances(rng, world.holdout), rng)
    end = Ending(evaluations=world.dev * world.runs)
    for candidate in candidates:
        arm = arm_of(world, candidate, best, rng)
        end = replace(end, evaluations=end.evaluations + world.dev * world.runs)
        if accepts(best.dev, arm.dev):
            best, end = arm, _count(end, candidate)
    return end


def _count(end: Ending, kept: Candidate) -> Ending:
    if kept.good:
        return replace(end, good_keeps=end.good_keeps + 1)
    return replace(end, false_keeps=end.false_keeps + 1)
