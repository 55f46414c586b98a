"""The real loop in the simulated worlds, on an app that no prompt can improve: how often does it keep a change?

    python -m benchmarks.aa_loop [--world all] [--runs 40] [--seed 1] [--size middle] [--processes 2] [--results FILE]

The worlds and their case law are those of ``tests/worlds.py``; the app is a real LangGraph in the real worker, changes
are real edits in git, and every other run is stopped at a moment drawn from its seed and resumed by a new sitting. Each
decision is computed again by ``stats.judge`` from the scores in the journal, look by look. Beside it, on the same runs,
the rule "the mean on dev went up" of popular optimizers. FILE gets a row for each world and size.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bench import ROOT, git
from benchmarks.worlds_app import repo
from benchmarks.worlds_law import Law
from harness import session, stats
from harness.cli.console import Silent
from harness.loop import Wiring
from harness.loop.baseline import baseline_runs, deciding_cases, target_metric
from harness.loop.confirm import course_of, judged
from harness.loop.trial import label_of
from harness.types import Budget, Decision, Trial
from tests.worlds import World

WORLDS = {
    "deterministic": World(noise=0.0),
    "stochastic": World(),
    "clusters": World(cluster=3),
    "overfit": World(overfit=0.10),
    "drift": World(drift=0.10),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    dev: int  # cases
    sealed: int
    candidates: int
    runs: int  # per case


SIZES = {"full": Size(60, 120, 20, 5), "middle": Size(30, 60, 10, 3), "small": Size(20, 60, 5, 3)}


class Stopped(BaseException):
    """The moment that a sitting ends in the middle, as Ctrl-C ends it."""


class Stops(Silent):
    """Ends the sitting after so many runs of a case; None = never."""

    def __init__(self, after: int | None) -> None:
        self._left = after

    def work(self, label: str, done: int, total: int) -> None:
        """Count down."""
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Stopped


@dataclass(frozen=True, slots=True)
class Played:
    """One whole run."""

    kept: int
    decisions: int
    equal: int  # decisions that are those computed from the journal's scores
    mean_went_up: bool  # the control would have returned a "better" prompt
    resumed: bool
    calls: int
    seconds: float


def play(seed: int, world: World, size: Size) -> Played:
    """One run of the real loop, then its decisions once more from the record."""
    law = Law(seed, size.dev, world.spread, world.noise, world.cluster, world.overfit, world.drift)
    flags: dict[str, object] = {
        "seed": seed,
        "proposers": ["idle.py:propose"],
        "holdout": "evals/sealed.jsonl",
        "max_candidates": size.candidates,
        "runs": size.runs,
        "goals": ["accuracy to 95 %"],
    }
    began, moment = time.monotonic(), random.Random(f"stop {seed}").randrange(2 * size.runs * (size.dev + size.sealed))
    with tempfile.TemporaryDirectory(prefix="aa-") as folder:
        os.environ.update(WORLD=json.dumps(asdict(law)), WORLD_CALLS=f"{folder}/calls")
        tree = repo(Path(folder) / "app", law, size.sealed, size.candidates)
        with ended(tree, flags, moment if seed % 2 else None) as (sitting, resumed):
            outcome = sitting.outcome()
            decided = [(trial, trial.decision) for trial in outcome.trials if trial.decision is not None]
            equal = sum(decided_again(sitting.wiring, trial, decision) == decision for trial, decision in decided)
    gains = [t.screen.gain for t in outcome.trials if t.screen is not None and t.screen.gain is not None]
    return Played(
        kept=sum(trial.stage == "kept" for trial in outcome.trials),
        decisions=len(decided),
        equal=equal,
        mean_went_up=any(gain > 0 for gain in gains),
        resumed=resumed,
        calls=outcome.spend.calls,
        seconds=time.monotonic() - began,
    )


@contextmanager
def ended(tree: Path, flags: Mapping[str, object], moment: int | None) -> Iterator[tuple[session.Session, bool]]:
    """A run at its end, and whether that took a second sitting."""
    with suppress(Stopped), session.new(tree, flags, session.Kit(Stops(moment)), snapshot=False) as sitting:
        sitting.begin()
        yield sitting, False
        return
    with session.reopened(tree, "", session.Kit(Silent()), Budget()) as sitting:
        sitting.go_on()
        yield sitting, True


def decided_again(ctx: Wiring, trial: Trial, recorded: Decision) -> Decision | None:
    """The decision from the scores in the journal, look by look, without the loop."""
    generation = sum(t.stage == "kept" and t.change.id < trial.change.id for t in ctx.notes.trials())
    label, course = label_of(generation, trial.change), course_of(ctx, generation, recorded.alpha)
    arms = (
        ctx.journal.load_runs(f"{label}:before") or baseline_runs(ctx, generation),
        ctx.journal.load_runs(f"{label}:after"),
    )
    for look in range(1, len(course.blocks) + 1):
        seen = {case.id for case in deciding_cases(ctx) if (case.cluster or case.id) in course.seen(look)}
        before, after = ([run for run in runs if run.case in seen] for runs in arms)
        _, decision = judged(ctx, target_metric(ctx, generation), course, look, before, after)
        if decision is not None:
            return decision
    return None


@dataclass(frozen=True, slots=True)
class Row:
    """One world, played many times."""

    world: str
    size: Size
    commit: str
    seeds: tuple[int, int]  # first and last
    runs: int
    false_keeps: int  # runs that kept a change
    interval_95: tuple[float, float]
    decisions: int
    equal: int
    resumed: int
    mean_went_up: int
    calls: float  # mean per run
    seconds: float  # mean per run


def summed(world: str, size: Size, commit: str, first: int, rows: Sequence[Played]) -> Row:
    """What the runs say together."""
    n, false = len(rows), sum(row.kept > 0 for row in rows)
    return Row(
        world,
        size,
        commit,
        (first, first + n - 1),
        n,
        false,
        stats.false_rate_interval(false, n, 0.95),
        decisions=sum(row.decisions for row in rows),
        equal=sum(row.equal for row in rows),
        resumed=sum(row.resumed for row in rows),
        mean_went_up=sum(row.mean_went_up for row in rows),
        calls=round(sum(row.calls for row in rows) / n),
        seconds=round(sum(row.seconds for row in rows) / n, 1),
    )


def written(file: Path, row: Row) -> None:
    """Put a row into the file, in place of the older one of its world and size."""
    new = json.loads(json.dumps(asdict(row)))
    old = json.loads(file.read_text("utf-8")) if file.is_file() else []
    kept = [entry for entry in old if (entry["world"], entry["size"]) != (new["world"], new["size"])]
    file.write_text(json.dumps([*kept, new], indent=1) + "\n", "utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", choices=["all", *WORLDS], default="all")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=SIZES, default="middle", help="full: that of the simulated worlds")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results/aa_loop.json")
    arguments = parser.parse_args()
    size, commit = SIZES[arguments.size], git(ROOT, "rev-parse", "--short", "HEAD").strip()
    names = list(WORLDS) if arguments.world == "all" else [arguments.world]
    seeds = range(arguments.seed, arguments.seed + arguments.runs)
    tasks = [(seed, name) for seed in seeds for name in names]  # a part of the runs is a part of every world
    rows: dict[str, list[Played]] = {name: [] for name in names}
    with ProcessPoolExecutor(arguments.processes) as pool:
        ended_runs = pool.map(play, *zip(*((seed, WORLDS[name], size) for seed, name in tasks), strict=True))
        for (_, name), played in zip(tasks, ended_runs, strict=True):
            rows[name].append(played)
            written(arguments.results, summed(name, size, commit, arguments.seed, rows[name]))
    print(arguments.results.read_text("utf-8"))


if __name__ == "__main__":
    main()
