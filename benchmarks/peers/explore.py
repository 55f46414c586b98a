"""Which way of building on dev is best: the procedure of ``--compose`` on the simulated task, without the loop.

    python -m benchmarks.peers.explore [--runs 800] [--null-runs 2000]

A model of the product and not the product (that is ``ours``): one run a case, the screen ranks by the mean, a baseline
costs one evaluation a case, a confirmation both arms on all sealed cases in one look by an exact sign test. The error
level is shared as ``harness.levels`` does.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from benchmarks.peers import task
from harness import levels
from harness.types import Settings

Bools = NDArray[np.bool_]
SEALED = task.CASES - task.DEV


@dataclass(frozen=True, slots=True)
class Way:
    """One way of building."""

    name: str
    first: int  # candidates of the first round
    later: int
    stages: Sequence[int]  # dev cases that each stage of a screen has seen
    rounds: int = 9


WAYS = (
    Way("rounds of 6: a quarter, half, all of dev (chosen)", 6, 6, (12, 25, 50)),
    Way("rounds of 8", 8, 8, (12, 25, 50)),
    Way("rounds of 20", 20, 20, (12, 25, 50)),
    Way("20 at first, then 6", 20, 6, (12, 25, 50)),
    Way("rounds of 6: a third, then all of dev", 6, 6, (17, 50)),
    Way("rounds of 8, all of dev at once", 8, 8, (50,)),
    Way("one round of 20: one change at a time", 20, 20, (12, 25, 50), rounds=1),
)


@dataclass(slots=True)
class World:
    """Prompts with their outcomes, drawn when they are first asked for, and what that has cost."""

    seed: int
    null: bool
    spent: int = task.CASES
    rng: np.random.Generator = field(init=False)
    rewriter: task.Rewriter = field(init=False)
    outcomes: dict[str, Bools] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)  # dev cases of a prompt

    def __post_init__(self) -> None:
        self.rng, self.rewriter = np.random.default_rng(self.seed), task.Rewriter(self.seed)

    def accuracy(self, prompt: str) -> float:
        """The truth."""
        return task.accuracy(prompt, null=self.null)

    def of(self, prompt: str) -> Bools:
        """Outcomes on dev, then on the sealed cases."""
        if prompt not in self.outcomes:
            self.outcomes[prompt] = self.rng.random(task.CASES) < self.accuracy(prompt)
        return self.outcomes[prompt]

    def dev(self, prompt: str, cases: int) -> float:
        """Mean over the first dev cases, those not yet seen paid for."""
        seen = self.paid.get(prompt, task.DEV if prompt == task.BASE else 0)
        self.paid[prompt], self.spent = max(seen, cases), self.spent + max(0, cases - seen)
        return float(self.of(prompt)[:cases].mean())

    def p(self, prompt: str) -> float:
        """One-sided sign test against the prompt as found on the sealed cases, both arms paid for."""
        self.spent += 2 * SEALED
        moved = self.of(prompt)[task.DEV :].astype(int) - self.of(task.BASE)[task.DEV :]
        return float(binom.sf((moved > 0).sum() - 1, np.count_nonzero(moved), 0.5)) if moved.any() else 1.0


def cost(way: Way, candidates: int) -> int:
    """Evaluations of a round."""
    total = 0
    for before, seen in zip((0, *way.stages), way.stages, strict=False):
        total, candidates = total + candidates * (seen - before), (candidates + 1) // 2
    return total


def screened(world: World, way: Way, stem: str, candidates: int) -> dict[str, float]:
    """Those that were seen on all dev cases, with their means."""
    standing = list(dict.fromkeys(world.rewriter.rewrite(stem) for _ in range(candidates)))
    for seen in way.stages:
        means = {prompt: world.dev(prompt, seen) for prompt in standing}
        standing = sorted(standing, key=lambda prompt: -means[prompt])
        if seen < task.DEV:
            standing = standing[: (len(standing) + 1) // 2]
    return {prompt: means[prompt] for prompt in standing}


def built(world: World, way: Way, budget: int) -> dict[str, float]:
    """Mean on dev of every candidate that went through a whole screen."""
    pool, stem = {task.BASE: world.dev(task.BASE, task.DEV)}, task.BASE
    for number in range(way.rounds):
        size = way.later if number else way.first
        while size and world.spent + cost(way, size) + 2 * SEALED > budget:
            size -= 1
        if not size:
            break
        pool |= screened(world, way, stem, size)
        stem = max(pool, key=lambda prompt: pool[prompt])
    return pool


def play(way: Way, budget: int, seed: int, null: bool) -> tuple[float, float, float, float]:
    """True accuracy of what is returned, accuracy claimed, evaluations, whether anything was kept."""
    world, settings, used, kept = World(seed, null), Settings(), 0.0, task.BASE
    pool = built(world, way, budget)
    order = sorted((prompt for prompt in pool if prompt != task.BASE), key=lambda prompt: -pool[prompt])
    for done, prompt in enumerate(order[: settings.max_iterations]):
        if world.spent + 2 * SEALED > budget:
            break
        level = levels.level(settings, two_stage=True, spent=done, used=used)
        if world.p(prompt) <= level:
            kept = prompt
            break
        used += level
    claimed = float(world.of(kept)[task.DEV :].mean())
    return world.accuracy(kept), claimed, world.spent, kept != task.BASE


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=800)
    parser.add_argument("--null-runs", type=int, default=2000)
    arguments = parser.parse_args()
    print("| way | budget | true accuracy | claimed | evaluations | false wins |\n|---|--:|--:|--:|--:|--:|")
    for way in WAYS:
        for budget in (1000, 1900):
            real = np.mean([play(way, budget, seed, null=False) for seed in range(arguments.runs)], axis=0)
            null = np.mean([play(way, budget, seed, null=True)[3] for seed in range(arguments.null_runs)])
            numbers = f"{real[0]:.3f} | {real[1]:.3f} | {real[2]:,.0f} | {null:.1%}"
            print(f"| {way.name} | {budget:,} | {numbers} |", flush=True)


if __name__ == "__main__":
    main()
