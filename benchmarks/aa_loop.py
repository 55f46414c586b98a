"""The real loop on an app that no prompt can improve: how often does it keep a change?

    python -m benchmarks.aa_loop [--runs 100] [--seed 1] [--pinned] [--processes 2]

The toy app redraws every case's outcome with each new prompt, at the same mean (TOY_MODE=redraw); five prompts that
differ in nothing that matters are proposed; dev 20, holdout 60. Every decision is computed again from the scores in the
journal. With ``--pinned`` the model counts as one that cannot drift, so that the recorded baseline is the control of
every confirmation instead of fresh draws. Beside it, on the same runs, the rule "the mean on dev went up" of popular
optimizers.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import git, toy
from harness import session, stats
from harness.cli.console import Silent
from harness.loop import Wiring
from harness.loop.baseline import baseline_runs, deciding_cases, target_metric
from harness.loop.confirm import course_of, judged
from harness.loop.trial import label_of
from harness.types import Decision, Trial

DEV, HOLDOUT = 20, 60
PROPOSER = '''
from harness.types import Proposal

LINES = ["Take your time.", "Read it twice.", "Think of the customer.", "Stay calm.", "Look at every word."]


def propose(brief):
    """Five lines that change nothing."""
    return [Proposal("idle line", (*brief.prompt.parts, "\\n" + line), "to see the noise") for line in LINES]
'''


@dataclass(frozen=True, slots=True)
class Played:
    """One whole run."""

    kept: int
    confirmed: int
    mean_went_up: bool  # the control would have returned a "better" prompt
    agrees: bool  # every decision equals the one computed from the journal's scores


def idle_repo(folder: Path) -> Path:
    """The toy app with 20 dev cases, 60 sealed ones in a file of their own, and the idle proposer."""
    tree = toy("classify", folder)
    lines = (tree / "evals/cases.jsonl").read_text("utf-8").splitlines()
    (tree / "evals/cases.jsonl").write_text("\n".join(lines[:DEV]) + "\n", "utf-8")
    (tree / "evals/sealed.jsonl").write_text("\n".join(lines[DEV : DEV + HOLDOUT]) + "\n", "utf-8")
    (tree / "idle.py").write_text(PROPOSER, "utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "idle")
    return tree


def play(folder: Path, seed: int, pinned: bool) -> Played:
    """One run of the real loop, then its decisions once more from the record."""
    flags: dict[str, object] = {
        "seed": seed,
        "proposers": ["idle.py:propose"],
        "holdout": "evals/sealed.jsonl",
        "max_candidates": 5,
        "nodes": ["classify"],
        "goals": ["accuracy to 95 %"],
        "pinned": pinned,
    }
    with session.new(idle_repo(folder), flags, session.Kit(Silent()), snapshot=False) as sitting:
        sitting.begin()
        trials = sitting.outcome().trials
        agrees = all(decided_again(sitting.wiring, t, t.decision) == t.decision for t in trials if t.decision)
    gains = [t.screen.gain for t in trials if t.screen is not None and t.screen.gain is not None]
    return Played(
        kept=sum(t.stage == "kept" for t in trials),
        confirmed=sum(t.decision is not None for t in trials),
        mean_went_up=any(gain > 0 for gain in gains),
        agrees=agrees,
    )


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


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pinned", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    os.environ["TOY_MODE"] = "redraw"
    with tempfile.TemporaryDirectory(prefix="aa-") as folder, ProcessPoolExecutor(arguments.processes) as pool:
        numbers = range(arguments.runs)
        folders, seeds = [Path(folder) / str(n) for n in numbers], [arguments.seed + n for n in numbers]
        rows = list(pool.map(play, folders, seeds, [arguments.pinned] * len(seeds)))
    false = sum(row.kept > 0 for row in rows)
    low, high = stats.false_rate_interval(false, len(rows), 0.95)
    answer = {
        "pinned": arguments.pinned,
        "runs": len(rows),
        "runs_with_a_false_keep": false,
        "interval_95": [low, high],
        "confirmations": sum(row.confirmed for row in rows),
        "control_mean_went_up": sum(row.mean_went_up for row in rows),
        "decisions_equal_decide": all(row.agrees for row in rows),
    }
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
