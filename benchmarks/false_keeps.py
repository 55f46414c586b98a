"""How often a whole run keeps a change that makes no difference, how often it finds one that does, and who does worse.

Whole runs through ``harness.stats.decide`` on the simulated worlds of ``tests/worlds.py``, beside controls with the
acceptance rules of popular optimizers, and the coverage of the intervals that reports print. No model is called.

    python -m benchmarks.false_keeps [--runs 4000] [--seed 1] [--json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats as reference

from harness.stats import bound, false_rate_interval, summarise
from harness.types import Score
from tests.worlds import (
    Bools,
    Candidate,
    Effect,
    Ending,
    FixBreak,
    HelpAll,
    Policy,
    Rng,
    World,
    compared,
    draw,
    greedy,
    mean_went_up,
    redraw,
    same,
    tuned,
)

NOISY, FIRM, FIXED = World(noise=2.0), World(noise=0.5), World(noise=0.0)
OVERFIT = FixBreak(fixed=0.25, broken=0.0)  # + .10 on dev at an accuracy of .6
MENDS = FixBreak(fixed=0.325, broken=0.05)  # + .10
LIFTS = HelpAll(shift=0.655)  # + .10 where noise = 2
FORCED = Policy(screened=False)  # every candidate reaches the holdout: all of alpha is spent
FEWER = 0.25
NO_OP = Candidate(redraw)

Player = Callable[[World, Sequence[Candidate], Rng], Ending]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: a world, its candidates, and the rule that judges them."""

    name: str
    world: World
    noops: int
    play: Player
    null: Candidate = NO_OP
    good: Effect | None = None
    goods: int = 0
    part: float = 1.0  # of --runs: controls and power need fewer than the claim about alpha


def by_rule(policy: Policy) -> Player:
    """Ours."""
    return lambda world, candidates, rng: tuned(world, candidates, rng, policy)


def by_control(accepts: Callable[[Bools, Bools], bool]) -> Player:
    """Candidate after candidate on dev alone."""
    return lambda world, candidates, rng: greedy(world, candidates, rng, accepts)


def t_on_run_means(before: Bools, after: Bools) -> bool:
    """A t test on the means of 5 runs at .05; without spread p is 0 or 1."""
    old, new = before.mean(axis=0), after.mean(axis=0)
    if np.ptp(old) == np.ptp(new) == 0:
        return bool(new.mean() > old.mean())
    return bool(reference.ttest_ind(new, old, alternative="greater").pvalue <= 0.05)


def flip_at_five_percent(before: Bools, after: Bools) -> bool:
    """Our test without holdout and without a correction for the number of candidates."""
    return (compared(before, after).p or 1.0) <= 0.05


SETTINGS = (
    Setting("ours: prompts redraw outcomes, noisy app", NOISY, 40, by_rule(Policy())),
    Setting("ours: prompts redraw outcomes, firm app", FIRM, 40, by_rule(Policy())),
    Setting("ours: prompts redraw outcomes, deterministic app", FIXED, 40, by_rule(Policy())),
    Setting("ours: only the draw differs", NOISY, 40, by_rule(Policy()), Candidate(same)),
    Setting("ours: no-ops overfit dev by .10", NOISY, 40, by_rule(Policy()), Candidate(redraw, OVERFIT)),
    Setting("ours: all 5 confirmations forced, noisy app", NOISY, 5, by_rule(FORCED)),
    Setting("ours: all 5 confirmations forced, deterministic app", FIXED, 5, by_rule(FORCED)),
    Setting("control: the mean went up, noisy app", NOISY, 20, by_control(mean_went_up), part=FEWER),
    Setting("control: the mean went up, deterministic app", FIXED, 20, by_control(mean_went_up), part=FEWER),
    Setting("control: t test on run means, noisy app", NOISY, 20, by_control(t_on_run_means), part=FEWER),
    Setting("control: t test on run means, deterministic app", FIXED, 20, by_control(t_on_run_means), part=FEWER),
    Setting("control: sign-flip at .05 on dev, noisy app", NOISY, 20, by_control(flip_at_five_percent), part=FEWER),
    Setting("ours: 1 of 20 mends some, breaks a few", NOISY, 19, by_rule(Policy()), good=MENDS, goods=1, part=FEWER),
    Setting("ours: 3 of 20 mend some, break a few", NOISY, 17, by_rule(Policy()), good=MENDS, goods=3, part=FEWER),
    Setting("ours: 1 of 20 helps all a little", NOISY, 19, by_rule(Policy()), good=LIFTS, goods=1, part=FEWER),
    Setting("ours: 3 of 20 help all a little", NOISY, 17, by_rule(Policy()), good=LIFTS, goods=3, part=FEWER),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One setting played many times."""

    name: str
    runs: int
    false_keeps: int  # runs that kept at least one change without a true gain
    false_rate: float
    false_upper: float  # one-sided upper 95 % bound (Clopper-Pearson)
    found: float | None  # share of runs that kept a truly better change
    confirmations: float  # mean per run
    evaluations: float  # mean per run, cases run once


def play(setting: Setting, runs: int, seed: int) -> Row:
    """The setting played ``runs`` times; run i has a random stream of its own, so any subset can be repeated."""
    endings = []
    for i in range(runs):
        rng = np.random.default_rng([seed, i])
        candidates = [setting.null] * setting.noops
        for _ in range(setting.goods if setting.good is not None else 0):
            place = int(rng.integers(len(candidates) + 1))
            candidates.insert(place, Candidate(setting.good or redraw, good=True))
        endings.append(setting.play(setting.world, candidates, rng))
    false = sum(e.false_keeps > 0 for e in endings)
    return Row(
        setting.name,
        runs,
        false,
        false / runs,
        false_rate_interval(false, runs, level=0.90)[1],
        float(np.mean([e.good_keeps > 0 for e in endings])) if setting.goods else None,
        float(np.mean([e.confirmations for e in endings])),
        float(np.mean([e.evaluations for e in endings])),
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the printed intervals hold the truth."""

    world: str
    cases: int
    mean: float  # 95 % interval of an accuracy
    gain: float  # 95 % interval of a gain
    bound: float  # one-sided 90 % bound of an accuracy


def coverage(world: World, cases: int, repeats: int, seed: int) -> Coverage:
    """Against the truth of the population that cases are drawn from; the candidate gains by ``MENDS``."""
    gain = MENDS.fixed * (1 - world.accuracy) - MENDS.broken * world.accuracy
    hits = np.zeros(3)
    for i in range(repeats):
        rng = np.random.default_rng([seed, i])
        chances = world.chances(rng, cases)
        before = draw(chances, world.runs, rng)
        found = compared(before, draw(MENDS(world, chances, rng), world.runs, rng))
        scores = [Score("accuracy", str(c), k, float(v)) for (c, k), v in np.ndenumerate(before)]
        summary, lower = summarise("accuracy", scores), bound(scores, "higher")
        hits += (
            inside(summary.low, world.accuracy, summary.high),
            inside(found.low, gain, found.high),
            lower is not None and lower <= world.accuracy,
        )
    name = f"accuracy {world.accuracy}, {'deterministic' if world.noise == 0 else 'noisy'}"
    return Coverage(name, cases, *(hits / repeats).tolist())


def inside(low: float | None, value: float, high: float | None) -> bool:
    """Whether an interval holds a value."""
    return low is not None and high is not None and low <= value <= high


def as_table(rows: Sequence[Row], covered: Sequence[Coverage]) -> str:
    """Two Markdown tables."""
    lines = [
        "| rule and world | runs | false keeps | upper 95 % bound | good change found | confirmations | evaluations |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for r in rows:
        found = "" if r.found is None else f"{r.found:.1%}"
        lines.append(
            f"| {r.name} | {r.runs} | {r.false_rate:.2%} | {r.false_upper:.2%} | {found} | {r.confirmations:.1f} "
            f"| {r.evaluations:.0f} |"
        )
    lines += ["", "| coverage | cases | mean, 95 % | gain, 95 % | bound, 90 % |", "|---|--:|--:|--:|--:|"]
    lines += [f"| {c.world} | {c.cases} | {c.mean:.1%} | {c.gain:.1%} | {c.bound:.1%} |" for c in covered]
    return "\n".join(lines)


def main() -> None:
    """Print the tables, or with --json the same as one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = [play(setting, max(1, round(args.runs * setting.part)), args.seed) for setting in SETTINGS]
    worlds = [World(accuracy=a, noise=noise) for a in (0.6, 0.95) for noise in (2.0, 0.0)]
    covered = [
        coverage(world, n, max(1, round(args.runs * FEWER)), args.seed) for world in worlds for n in (20, 60, 120)
    ]
    if args.json:
        print(json.dumps({"seed": args.seed, "rows": [*map(asdict, rows), *map(asdict, covered)]}))
    else:
        print(as_table(rows, covered))


if __name__ == "__main__":
    main()
