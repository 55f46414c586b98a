"""How often a whole run keeps a change that makes no difference, beside controls, and the coverage of our intervals.

Whole runs through ``harness.stats`` on the simulated worlds of ``tests/worlds.py``; the controls are the acceptance
rules of popular optimizers. No model is called. What finding a good change takes is in ``benchmarks.power``.

    python -m benchmarks.false_keeps [--runs 4000] [--seed 1] [--processes 2] [--json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from scipy import stats as reference

from harness.stats import bound, false_rate_interval, summarise
from harness.types import Score
from tests.worlds import Bools, Ending, Kind, Policy, World, compared, greedy, mean_went_up, tuned

CANDIDATES = 20
WORLDS = {
    "deterministic": World(noise=0.0),
    "stochastic, s = 1": World(),
    "stochastic, s = 2.5": World(spread=2.5),
    "documents of 3 cases": World(cluster=3),
    "documents, deterministic": World(cluster=3, noise=0.0),
    "overfits dev by .10": World(overfit=0.10),
    "the endpoint drifts": World(drift=0.10),
}
FORCED = Policy(screened=False, join=False)  # every candidate reaches the holdout: all of alpha is used
PAIRED = Policy(screened=False, per_round=2)  # and every pair, right after its first part
REUSED = Policy(interleaved=False)
PLAIN = Policy(plain=True, per_round=8, left=8)
ALONE = Policy(join=False)
FEWER = 0.25
FIXED, BROKEN, RUNS = 0.325, 0.05, 5  # of the candidate that coverage is measured with

Rule = Policy | Callable[[Bools, Bools], bool]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: a world, its candidates, and the rule that judges them."""

    name: str
    world: World
    rule: Rule
    candidates: tuple[Kind, ...] = ("nothing",) * CANDIDATES
    part: float = 1.0  # of --runs: controls need fewer than the claim about alpha


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
    *(Setting(f"ours: {name}", world, Policy()) for name, world in WORLDS.items()),
    *(
        Setting(f"ours, every candidate put to the holdout: {name}", WORLDS[name], FORCED)
        for name in ("deterministic", "stochastic, s = 1", "the endpoint drifts")
    ),
    *(
        Setting(f"ours, every pair put to the holdout: {name}", WORLDS[name], PAIRED)
        for name in ("deterministic", "stochastic, s = 1", "the endpoint drifts")
    ),
    Setting("ours: only the draw differs", World(), Policy(), ("same",) * CANDIDATES),
    Setting("ours, arms not interleaved: the endpoint drifts", WORLDS["the endpoint drifts"], REUSED, part=FEWER),
    *(Setting(f"the mean went up: {name}", world, mean_went_up, part=FEWER) for name, world in WORLDS.items()),
    *(
        Setting(f"t test on run means: {name}", WORLDS[name], t_on_run_means, part=FEWER)
        for name in ("deterministic", "stochastic, s = 1")
    ),
    Setting("sign-flip at .05 on dev: stochastic, s = 1", World(), flip_at_five_percent, part=FEWER),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One setting played many times."""

    name: str
    runs: int
    false_keeps: int  # runs that kept at least one change without a true gain
    false_rate: float
    false_upper: float  # one-sided upper 95 % bound (Clopper-Pearson)
    found: float  # share of runs that kept a truly better change
    kept: float  # truly better changes, mean per run
    ideas: float  # good ideas in what was kept, mean per run
    idle: float  # ideas that make no difference, kept beside a good one, mean per run
    confirmations: float  # mean per run
    looks: float
    evaluations: float  # cases run once, both arms counted


def play(setting: Setting, runs: int, seed: int) -> Row:
    """The setting played ``runs`` times; run i has a random stream of its own, so any subset can be repeated."""
    endings = [once(setting, np.random.default_rng([seed, i])) for i in range(runs)]
    false = sum(e.false_keeps > 0 for e in endings)
    return Row(
        setting.name,
        runs,
        false,
        false / runs,
        false_rate_interval(false, runs, level=0.90)[1],
        float(np.mean([e.good_keeps > 0 for e in endings])),
        *(
            float(np.mean([getattr(e, name) for e in endings]))
            for name in ("good_keeps", "good_ideas", "idle_ideas", "confirmations", "looks", "evaluations")
        ),
    )


def once(setting: Setting, rng: np.random.Generator) -> Ending:
    """One run, its candidates in an order of its own."""
    candidates = list(setting.candidates)
    rng.shuffle(candidates)
    if isinstance(setting.rule, Policy):
        return tuned(setting.world, candidates, rng, setting.rule)
    return greedy(setting.world, candidates, rng, setting.rule)


def played(settings: Sequence[Setting], runs: int, seed: int, processes: int) -> list[Row]:
    """Every setting, over processes."""
    counts = [max(1, round(runs * setting.part)) for setting in settings]
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(partial(play, seed=seed), settings, counts))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the printed intervals hold the truth."""

    world: str
    cases: int
    mean: float  # 95 % interval of an accuracy
    gain: float  # 95 % interval of a gain
    bound: float  # one-sided 90 % bound of an accuracy


def coverage(accuracy: float, spread: float, cases: int, repeats: int, seed: int) -> Coverage:
    """Against the truth of the population that cases are drawn from: chances ~ Beta(a spread, (1 - a) spread).

    Without ``spread`` they are 0 or 1. The candidate makes ``FIXED`` of them always right, ``BROKEN`` always wrong.
    """
    gain = FIXED * (1 - accuracy) - BROKEN * accuracy
    hits = np.zeros(3)
    for i in range(repeats):
        rng = np.random.default_rng([seed, i])
        firm = rng.random(cases) < accuracy
        chances = rng.beta(accuracy * spread, (1 - accuracy) * spread, cases) if spread else firm
        lot = rng.random(cases)
        changed = np.where(lot < FIXED, 1.0, np.where(lot < FIXED + BROKEN, 0.0, chances))
        before, after = (rng.random((cases, RUNS)) < arm[:, None] for arm in (chances, changed))
        found = compared(before, after)
        scores = [Score("accuracy", str(c), k, float(v)) for (c, k), v in np.ndenumerate(before)]
        summary, lower = summarise("accuracy", scores), bound(scores, "higher")
        hits += (
            inside(summary.low, accuracy, summary.high),
            inside(found.low, gain, found.high),
            lower is not None and lower <= accuracy,
        )
    name = f"accuracy {accuracy}, {'noisy' if spread else 'deterministic'}"
    return Coverage(name, cases, *(hits / repeats).tolist())


def inside(low: float | None, value: float, high: float | None) -> bool:
    """Whether an interval holds a value."""
    return low is not None and high is not None and low <= value <= high


def as_table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [
        "| rule and world | runs | false keeps | upper 95 % bound | confirmations | looks | case evaluations |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {r.name} | {r.runs:,} | {r.false_rate:.2%} | {r.false_upper:.2%} | {r.confirmations:.1f} | {r.looks:.1f} "
        f"| {r.evaluations:,.0f} |"
        for r in rows
    ]
    return "\n".join(lines)


def coverage_table(covered: Sequence[Coverage]) -> str:
    """A Markdown table."""
    lines = ["| coverage | cases | mean, 95 % | gain, 95 % | bound, 90 % |", "|---|--:|--:|--:|--:|"]
    lines += [f"| {c.world} | {c.cases} | {c.mean:.1%} | {c.gain:.1%} | {c.bound:.1%} |" for c in covered]
    return "\n".join(lines)


def arguments(words: str | None, **more: str) -> argparse.Namespace:
    """What all benchmarks of this kind take, and ``more`` flags with their defaults."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    for flag, default in more.items():
        parser.add_argument(f"--{flag}", default=default)
    return parser.parse_args()


def main() -> None:
    """Print the tables, or with --json the same as one object."""
    args = arguments(__doc__)
    rows = played(SETTINGS, args.runs, args.seed, args.processes)
    laws = [(accuracy, spread) for accuracy in (0.6, 0.95) for spread in (2.0, 0.0)]
    repeats = max(1, round(args.runs * FEWER))
    covered = [coverage(*law, n, repeats, args.seed) for law in laws for n in (20, 60, 120)]
    if args.json:
        print(json.dumps({"seed": args.seed, "rows": [*map(asdict, rows), *map(asdict, covered)]}))
    else:
        print(f"{as_table(rows)}\n\n{coverage_table(covered)}")


if __name__ == "__main__":
    main()
