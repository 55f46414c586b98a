"""The real loop in the simulated worlds, on an app that no prompt can improve: how often does it keep a change?

    python -m benchmarks.aa_loop [--world all] [--runs 40] [--seed 1] [--size middle] [--processes 2] [--rows FILE]

The worlds and their case law are those of ``tests/worlds.py``; the app is a real LangGraph in the real worker, changes
are real edits in git, and every other run is stopped at a moment drawn from its seed and resumed by a new sitting. Each
decision is computed again by ``stats.judge`` from the scores in the journal, look by look. Beside it, on the same runs,
the rule "the mean on dev went up" of popular optimizers. FILE gets a line for each run; a run that has its line is not
played again, so that the whole can be played in parts. Prints the table of all that FILE holds.
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
from functools import partial
from pathlib import Path

from benchmarks.bench import ROOT, git
from benchmarks.worlds_app import repo
from benchmarks.worlds_law import Law
from harness import session, stats
from harness.cli.console import Silent
from harness.loop import Wiring
from harness.loop.baseline import baseline_runs, deciding_cases
from harness.loop.confirm import course_of, judged
from harness.loop.noted import label_of
from harness.loop.trial import aim_of
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

    world: str
    size: str
    seed: int
    commit: str  # of this repository
    kept: int
    decisions: int
    equal: int  # decisions that are those computed from the journal's scores
    mean_went_up: bool  # the control would have returned a "better" prompt
    resumed: bool
    calls: int
    seconds: float


def play(seed: int, name: str, of: str, commit: str) -> Played:
    """One run of the real loop, then its decisions once more from the record."""
    world, size = WORLDS[name], SIZES[of]
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
        name,
        of,
        seed,
        commit,
        kept=sum(trial.stage == "kept" for trial in outcome.trials),
        decisions=len(decided),
        equal=equal,
        mean_went_up=any(gain > 0 for gain in gains),
        resumed=resumed,
        calls=outcome.spend.calls,
        seconds=round(time.monotonic() - began, 1),
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
    course = course_of(ctx, generation, recorded.alpha, apart=bool(trial.change.aim))
    label = label_of(generation, trial.change)
    arms = (
        ctx.journal.load_runs(f"{label}:before") or baseline_runs(ctx, generation),
        ctx.journal.load_runs(f"{label}:after"),
    )
    for look in range(1, len(course.blocks) + 1):
        seen = {case.id for case in deciding_cases(ctx) if (case.cluster or case.id) in course.seen(look)}
        before, after = ([run for run in runs if run.case in seen] for runs in arms)
        metric, apart = aim_of(ctx, generation, trial.change), bool(trial.change.aim)
        _, decision = judged(ctx, metric, course, look, (before, after), apart=apart)
        if decision is not None:
            return decision
    return None


def read(file: Path) -> list[Played]:
    """The runs that were played."""
    return [Played(**json.loads(line)) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []


def as_table(rows: Sequence[Played]) -> str:
    """A Markdown table, a row for each world and size."""
    lines = [
        "| world | size | runs | false keeps (95 %) | decisions | equal to `judge` | resumed | mean went up | calls |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for size, name in ((size, name) for size in SIZES for name in WORLDS):
        some = [row for row in rows if (row.size, row.world) == (size, name)]
        if not some:
            continue
        n, false, decided = len(some), sum(row.kept > 0 for row in some), sum(row.decisions for row in some)
        low, high = stats.false_rate_interval(false, n, 0.95)
        lines.append(
            f"| {name} | {size} | {n} | {false} ({low:.0%} to {high:.0%}) | {decided} | {sum(r.equal for r in some)} "
            f"| {sum(r.resumed for r in some)} | {sum(r.mean_went_up for r in some) / n:.0%} "
            f"| {sum(r.calls for r in some) / n:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", choices=["all", *WORLDS], default="all")
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=SIZES, default="middle", help="full: that of the simulated worlds")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rows", type=Path, default=ROOT / "benchmarks/results/aa_loop.jsonl")
    arguments = parser.parse_args()
    names = list(WORLDS) if arguments.world == "all" else [arguments.world]
    done = {(row.seed, row.world) for row in read(arguments.rows) if row.size == arguments.size}
    seeds = range(arguments.seed, arguments.seed + arguments.runs)  # a part of the runs is a part of every world
    tasks = [(seed, name) for seed in seeds for name in names if (seed, name) not in done]
    one = partial(play, of=arguments.size, commit=git(ROOT, "rev-parse", "--short", "HEAD").strip())
    with ProcessPoolExecutor(arguments.processes) as pool, arguments.rows.open("a", encoding="utf-8") as file:
        for row in pool.map(one, *zip(*tasks, strict=True)):
            file.write(json.dumps(asdict(row)) + "\n")
            file.flush()
    print(as_table(read(arguments.rows)))


if __name__ == "__main__":
    main()
