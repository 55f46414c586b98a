"""How often a run keeps a false change when its goal is a statistic of the whole set: weighted F1, the 95th percentile.

20 candidates that make no difference, screened on 60 dev cases and confirmed on 120 sealed ones over 5 runs, through
``harness.stats`` as a run does (no halving between candidates, which only refuses more). Nothing is called.

- "redraw": every candidate draws each case's chance, favourite mistake or pace anew from the same law;
- "trades": the statistic is the same and the law is another: F1 is lost in one half of the labels and won in the other,
  or runs are faster in the middle and slower in the tail. The swap of arms promises nothing there;
- "every candidate confirmed": the first five go to the sealed cases, whatever dev says, so that all of alpha is used.

    python -m benchmarks.whole [--runs 1000] [--seed 1] [--processes 2] [--only NAME] [--json]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmarks.false_keeps import inside
from harness.stats import Bank, Rules, confirmed, false_rate_interval, gain_interval, promise, screened, whole_interval
from harness.types import Direction, Settings

Floats = NDArray[np.float64]
Rng = np.random.Generator

DEV, HOLDOUT, RUNS, CANDIDATES, CONFIRMATIONS = 60, 120, 5, 20, 5
SHARES = (0.4, 0.3, 0.2, 0.1)  # of the cases that want each label
GRID = np.exp(np.linspace(-3.5, 4.5, 1601))  # seconds that a run can take: steps of .5 %
SPREAD, NOISE = 0.5, 0.3  # standard deviations of log seconds, of cases and of runs
LARGE = 200_000


@dataclass(frozen=True, slots=True)
class Labels:
    """Right when skill + noise > 0; else mostly the case's favourite mistake. Outcomes are (wanted, said)."""

    metric: str = "f1"
    direction: Direction = "higher"
    traded: float = 0.0  # skill that half of the labels lose; the other half wins what keeps the F1

    def bank(self) -> Bank:
        """16 outcomes."""
        size = len(SHARES)
        rows = np.zeros((size * size, 3 * size))
        for wanted in range(size):
            for said in range(size):
                rows[wanted * size + said, [wanted, size + said]] = 1.0
                rows[wanted * size + said, 2 * size + wanted] = float(wanted == said)
        columns = tuple(f"{part}:{label}" for part in ("wanted", "said", "right") for label in range(size))
        return Bank("weighted_f1", rows, columns, (np.arange(size * size) % (size + 1) == 0).astype(np.float64))

    def cases(self, n: int, rng: Rng) -> Floats:
        """What stays of a case whatever the prompt: the label wanted."""
        return rng.choice(len(SHARES), n, p=SHARES).astype(np.float64)

    def arm(self, cases: Floats, rng: Rng, *, changed: bool) -> Floats:
        """Outcomes of shape (cases, runs) under a prompt that draws skills and mistakes anew."""
        wanted, size = cases.astype(int), len(SHARES)
        moved = won(self.traded) if changed else (0.0, 0.0)
        skill = 0.25 * np.sqrt(2) + rng.standard_normal(wanted.size) + np.array(moved)[wanted % 2]
        favourite = rng.integers(1, size, wanted.size)
        shape = (wanted.size, RUNS)
        slips = np.where(rng.random(shape) < 0.7, favourite[:, None], rng.integers(1, size, shape))
        right = skill[:, None] + rng.standard_normal(shape) > 0
        return np.asarray(wanted[:, None] * size + np.where(right, wanted[:, None], (wanted[:, None] + slips) % size))


@cache
def won(traded: float) -> tuple[float, float]:
    """Skill that labels 0 and 2 lose and labels 1 and 3 win, so that the weighted F1 of a large sample is the same."""
    if traded == 0.0:
        return 0.0, 0.0
    # P(right) = Phi(m / sqrt 2), mistakes go to each other label alike: F1 follows from the four chances.
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _f1((-traded, middle)) < _f1((0.0, 0.0)) else (low, middle)
    return -traded, high


def _f1(moved: tuple[float, float]) -> float:
    share = np.array(SHARES)
    right = special.ndtr((0.25 * np.sqrt(2) + np.array(moved)[np.arange(len(SHARES)) % 2]) / np.sqrt(2))
    wrong = share * (1 - right)
    said = share * right + (wrong.sum() - wrong) / (len(SHARES) - 1)
    return float((share * 2 * share * right / (share + said)).sum())


@dataclass(frozen=True, slots=True)
class Seconds:
    """A case's pace and a run's noise, both lognormal. Outcomes are places on a grid."""

    metric: str = "latency_p95"
    direction: Direction = "lower"
    traded: float = 0.0  # by which the spread of the cases grows, while p95 stays

    def bank(self) -> Bank:
        """The grid."""
        return Bank("p95", GRID[:, None], (), GRID)

    def cases(self, n: int, rng: Rng) -> Floats:
        """Nothing stays of a case when the prompt changes."""
        return np.zeros(n)

    def arm(self, cases: Floats, rng: Rng, *, changed: bool) -> Floats:
        """Outcomes of shape (cases, runs)."""
        spread = SPREAD + (self.traded if changed else 0.0)
        mean = float(special.ndtri(0.95)) * (np.hypot(SPREAD, NOISE) - np.hypot(spread, NOISE))
        logs = mean + spread * rng.standard_normal((cases.size, 1)) + NOISE * rng.standard_normal((cases.size, RUNS))
        return np.clip(np.rint((logs + 3.5) / 8.0 * (GRID.size - 1)), 0, GRID.size - 1)


World = Labels | Seconds


@dataclass(frozen=True, slots=True)
class Setting:
    """One row."""

    name: str
    world: World
    screens: bool = True
    mean: bool = False  # the control: the statistic on dev went up
    part: float = 1.0  # of --runs


SETTINGS = (
    Setting("weighted F1, redraw", Labels()),
    Setting("p95 latency, redraw", Seconds()),
    Setting("weighted F1, redraw, every candidate confirmed", Labels(), screens=False),
    Setting("p95 latency, redraw, every candidate confirmed", Seconds(), screens=False),
    Setting("weighted F1, trades, every candidate confirmed", Labels(traded=0.6), screens=False),
    Setting("p95 latency, trades, every candidate confirmed", Seconds(traded=0.3), screens=False),
    Setting("the statistic on dev went up: weighted F1, redraw", Labels(), mean=True, part=0.25),
    Setting("the statistic on dev went up: p95 latency, redraw", Seconds(), mean=True, part=0.25),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One setting played many times."""

    name: str
    runs: int
    false_keeps: int  # runs that kept at least one change
    false_rate: float
    false_upper: float  # one-sided upper 95 % bound (Clopper-Pearson)
    confirmations: float  # mean per run


def once(setting: Setting, rng: Rng) -> tuple[bool, int]:
    """Whether one run kept a change, and its confirmations."""
    world = setting.world
    bank = world.bank()
    rules = Rules(world.metric, world.direction, Settings(), True, world.direction == "higher", 0, (bank, bank))
    dev, sealed = world.cases(DEV, rng), world.cases(HOLDOUT, rng)
    before = world.arm(dev, rng, changed=False)
    if setting.mean:
        sign = 1 if world.direction == "higher" else -1
        arms = (world.arm(dev, rng, changed=True) for _ in range(CANDIDATES))
        gains = [sign * (new - old) for old, new in (bank.whole(before, arm).ends() for arm in arms)]
        return max(gains) > 0, 0
    pool = list(range(CONFIRMATIONS))
    if setting.screens:
        found = [screened(rules, before, world.arm(dev, rng, changed=True))[0] for _ in range(CANDIDATES)]
        order = {i: -promise(one, share=rules.share) for i, one in enumerate(found) if one is not None}
        pool = sorted(order, key=lambda i: order[i])[:CONFIRMATIONS]
    used = 0.0
    for done, _ in enumerate(pool):
        level = rules.level(done, used)
        arms_ = (world.arm(sealed, rng, changed=changed) for changed in (False, True))
        decision = confirmed(rules, *arms_, level)
        if decision.verdict == "keep":
            return True, done + 1
        used += level if decision.spent is None else decision.spent
    return False, len(pool)


def play(setting: Setting, runs: int, seed: int) -> Row:
    """Run i has a random stream of its own."""
    ends = [once(setting, np.random.default_rng([seed, i])) for i in range(runs)]
    false = sum(kept for kept, _ in ends)
    upper = false_rate_interval(false, runs, level=0.90)[1]
    return Row(setting.name, runs, false, false / runs, upper, float(np.mean([count for _, count in ends])))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the printed 95 % interval of a gain holds the truth, and the one-sided 90 % bound the statistic."""

    name: str
    cases: int
    gain: float
    bound: float


def coverage(world: World, cases: int, repeats: int, seed: int) -> Coverage:
    """Two arms of one law: the true gain is 0, the true statistic that of a large sample."""
    bank = world.bank()
    rng = np.random.default_rng([seed, 0])
    large = world.arm(world.cases(LARGE // RUNS, rng), rng, changed=False)
    truth = bank.whole(large, large).ends()[1]
    hits = np.zeros(2)
    for i in range(repeats):
        rng = np.random.default_rng([seed, i + 1])
        units = world.cases(cases, rng)
        whole = bank.whole(*(world.arm(units, rng, changed=False) for _ in range(2)))
        old, new = whole.linear()
        low, high = whole_interval(whole, 0.80)
        limit, above = (low, truth) if world.direction == "higher" else (truth, high)
        ends = gain_interval(new - old, share=whole.share)
        hits += (inside(ends[0], 0.0, ends[1]), limit is None or above is None or limit <= above)
    return Coverage(world.metric, cases, *(hits / repeats).tolist())


def as_table(rows: Sequence[Row], covered: Sequence[Coverage]) -> str:
    """Two Markdown tables."""
    lines = ["| statistic, world | runs | false keeps | upper 95 % bound | confirmations |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| {r.name} | {r.runs:,} | {r.false_rate:.1%} | {r.false_upper:.1%} | {r.confirmations:.1f} |" for r in rows
    ]
    lines += ["", "| coverage | cases | gain, 95 % | bound, 90 % |", "|---|--:|--:|--:|"]
    lines += [f"| {c.name} | {c.cases} | {c.gain:.1%} | {c.bound:.1%} |" for c in covered]
    return "\n".join(lines)


def main() -> None:
    """Print the tables, or with --json the same as one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="rows whose name holds this text; 'coverage' is one")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    chosen = [setting for setting in SETTINGS if args.only in setting.name]
    counts = [max(1, round(args.runs * setting.part)) for setting in chosen]
    with ProcessPoolExecutor(args.processes) as pool:
        rows = list(pool.map(partial(play, seed=args.seed), chosen, counts))
    worlds: tuple[Callable[[], World], ...] = (Labels, Seconds) if args.only in "coverage" else ()
    covered = [coverage(make(), n, args.runs, args.seed) for make in worlds for n in (60, 120)]
    if args.json:
        print(json.dumps({"seed": args.seed, "rows": [*map(asdict, rows), *map(asdict, covered)]}))
    else:
        print(as_table(rows, covered))


if __name__ == "__main__":
    main()
