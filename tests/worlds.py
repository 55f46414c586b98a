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

from harness.stats import Paired, contrast, decide, screen
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
    """One version of the app: what it would do on every case, and what was seen of it on dev."""

    dev_chances: Floats
    holdout_chances: Floats
    dev: Bools  # draws of shape (cases, runs)


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
    screened: bool = True  # False: every candidate is confirmed, dev is not asked


def draw(chances: Floats, runs: int, rng: Rng) -> Bools:
    """Outcomes of shape (cases, runs)."""
    return rng.random((chances.size, runs)) < chances[:, None]


def first(world: World, rng: Rng) -> Arm:
    """The app as found."""
    dev = world.chances(rng, world.dev)
    return Arm(dev, world.chances(rng, world.holdout), draw(dev, world.runs, rng))


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
    return Arm(dev, candidate.effect(world, best.holdout_chances, rng), draw(dev, world.runs, rng))


def screened(world: World, best: Arm, arm: Arm) -> tuple[Comparison | None, int]:
    """Successive halving over 1, 2 and all runs: the comparison of one that passed, and how often each case was run."""
    for runs in sorted({1, min(2, world.runs)}):
        # What stats.futile says of the comparison, without the cost of its p value.
        if arm.dev[:, :runs].sum() <= best.dev[:, :runs].sum():
            return None, runs
    found = compared(best.dev, arm.dev)
    return (found if screen(found) else None), world.runs


@dataclass(slots=True)
class Play:
    """One run by our rule: rounds screened on dev, the best confirmed at alpha / m on the holdout, m times at most."""

    world: World
    policy: Policy
    rng: Rng
    waiting: list[Candidate]

    def run(self) -> Ending:
        """Play it to its end."""
        world, rng, m = self.world, self.rng, self.policy.confirmations
        best = first(world, rng)
        sealed = draw(best.holdout_chances, world.runs, rng)
        end = Ending(evaluations=(world.dev + world.holdout) * world.runs)
        pool: list[tuple[Candidate, Arm]] = []
        while end.confirmations < m and (pool or self.waiting):
            if not pool:
                pool, spent = self.round(best)
                end = replace(end, evaluations=end.evaluations + spent)
                continue
            candidate, arm = pool.pop(0)
            seen = draw(arm.holdout_chances, world.runs, rng)
            spent = end.evaluations + world.holdout * world.runs
            end = replace(end, confirmations=end.confirmations + 1, evaluations=spent)
            if decide(compared(sealed, seen), (), self.policy.alpha / m, 0.0).verdict == "keep":
                self.waiting = [other for other, _ in pool] + self.waiting  # to be screened against the new best
                pool = []
                best = replace(arm, dev=draw(arm.dev_chances, world.runs, rng))
                sealed = draw(arm.holdout_chances, world.runs, rng)
                spent = end.evaluations + (world.dev + world.holdout) * world.runs
                end = replace(_count(end, candidate), evaluations=spent)
        return end

    def round(self, best: Arm) -> tuple[list[tuple[Candidate, Arm]], int]:
        """The next candidates: those that pass, best first, and what finding out cost."""
        size = self.policy.per_round
        batch, self.waiting = self.waiting[:size], self.waiting[size:]
        arms = [(candidate, arm_of(self.world, candidate, best, self.rng)) for candidate in batch]
        if not self.policy.screened:
            return arms, 0
        passed, spent = [], 0
        for place, (_, arm) in enumerate(arms):
            found, runs = screened(self.world, best, arm)
            spent += runs * self.world.dev
            if found is not None and found.p is not None and found.gain is not None:
                passed.append((found.p, -found.gain, place))
        return [arms[place] for *_, place in sorted(passed)], spent


def tuned(world: World, candidates: Sequence[Candidate], rng: Rng, policy: Policy) -> Ending:
    """A whole run by our rule."""
    return Play(world, policy, rng, list(candidates)).run()


Accepts = Callable[[Bools, Bools], bool]  # outcomes of the best so far and of the candidate -> take it?


def mean_went_up(before: Bools, after: Bools) -> bool:
    """The rule of popular optimizers."""
    return bool(after.mean() > before.mean())


def greedy(world: World, candidates: Sequence[Candidate], rng: Rng, accepts: Accepts) -> Ending:
    """A control: candidates one by one on dev alone, the winner's own score is the next to beat."""
    best = first(world, rng)
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
