"""``run``, ``resume``, ``baseline`` and the dry run: start a session, show how far it is, say how it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import typer

from harness import outlook, session
from harness.cli.console import Plain, Silent
from harness.cli.live import Live
from harness.cli.shell import INTERRUPTED, interruptible, say_json
from harness.cli.text import baseline_table, plan_text, result_table
from harness.cli.whole import cause_tables, profile_tables
from harness.errors import BudgetError, RepoError, UserError
from harness.loop import State
from harness.protocols import Progress
from harness.repo import Repo
from harness.types import Analysis, Budget, Outcome, Profile, kept_trials

Flags = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a run is to end, and how to tell."""

    snapshot: bool = False
    apply: bool = False
    baseline_only: bool = False
    as_json: bool = False


@contextmanager
def progress(as_json: bool) -> Iterator[Progress]:
    """A region on a terminal that can move its cursor, lines in a log, silence for JSON; open to interrupts."""
    with interruptible():
        if as_json:
            yield Silent()
        elif sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown"):
            with Live() as live:
                yield live
        else:
            yield Plain()


def run(root: Path, flags: Flags, wish: Wish) -> None:
    """A new run, from goals to a reviewed branch. Raises UserError for wishes that exclude each other."""
    if wish.snapshot and wish.apply:
        raise UserError(
            "--snapshot and --apply exclude each other: a branch cannot be merged into a tree with uncommitted changes",
            fix="commit first, or leave --apply out and merge by hand",
        )
    if wish.apply and not Repo.open(root).branch():
        raise RepoError(
            "--apply needs a branch to move, and HEAD is detached",
            where=str(root),
            fix="git switch -c NAME, or leave --apply out and merge by hand",
        )

    def advance(kit: session.Kit) -> Ended:
        with session.new(root, flags, kit, snapshot=wish.snapshot, baseline_only=wish.baseline_only) as sitting:
            kit.progress.note(f"run {sitting.wiring.run_id}")
            return finish(sitting, sitting.begin())

    conclude(root, advance, wish)


def resume(root: Path, run_id: str, budget: Budget, wish: Wish) -> None:
    """Go on with an interrupted run."""

    def advance(kit: session.Kit) -> Ended:
        with session.reopened(root, run_id, kit, budget) as sitting:
            kit.progress.note(f"run {sitting.wiring.run_id}, continued")
            for trial in sitting.wiring.notes.trials():
                kit.progress.tried(trial)
            return finish(sitting, sitting.go_on())

    conclude(root, advance, wish)


@dataclass(frozen=True, slots=True)
class Ended:
    """What is left when the live things are gone."""

    run_id: str
    state: State
    outcome: Outcome | None  # None when only the baseline was asked for
    baseline: str = ""  # its tables
    data: Mapping[str, object] = field(default_factory=dict)  # the same as data
    apply: Callable[[], str] = str  # takes the branch into the checkout


def finish(sitting: session.Session, state: State) -> Ended:
    """Read what the run left, before its journal is closed."""
    run_id = sitting.wiring.run_id
    if state["baseline_only"]:
        rows, failures = sitting.wiring.notes.summaries("all", 0), sitting.wiring.notes.failures(0)
        profile = sitting.wiring.notes.get("profile", "0", Profile)
        analysis = sitting.wiring.notes.get("analysis", "0", Analysis)
        told = "\n".join([baseline_table(rows, failures), *cause_tables(analysis), profile_tables(profile)])
        data = {
            "summaries": [asdict(row) for row in rows],
            "profile": asdict(profile),
            "failures": [asdict(pattern) for pattern in failures],
            "analysis": asdict(analysis),
            "notes": list(sitting.found()),
            "spend": asdict(sitting.wiring.meter.spend),
        }
        return Ended(run_id, state, None, told, data)
    return Ended(run_id, state, sitting.outcome(), apply=sitting.apply)


@contextmanager
def advancing(root: Path, *, as_json: bool) -> Iterator[session.Kit]:
    """What a sitting is given to tell how far it is; an interrupt says how to go on, and leaves with its exit code."""
    begun: list[str] = []
    try:
        with progress(as_json) as shown:
            yield session.Kit(shown, begun=begun.append)
    except KeyboardInterrupt:
        lost = f"nothing is lost: go on with `harness resume`  (in {root.name})" if begun else "the run had not begun"
        print(f"interrupted; {lost}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


def conclude(root: Path, advance: Callable[[session.Kit], Ended], wish: Wish) -> None:
    """Run, then print the end and leave with the exit code that tells it."""
    with advancing(root, as_json=wish.as_json) as kit:
        ended = advance(kit)
    if ended.outcome is None:
        say_baseline(ended, wish)
        return
    if wish.as_json:
        say_json(as_data(ended.outcome))
    else:
        print(result_table(ended.outcome))
    if wish.apply:
        ended.apply()  # refused in words where it cannot be, after the result has been told
    if not wish.as_json:
        print(next_steps(ended.outcome, wish))
    raise typer.Exit(exit_code(ended))


def say_baseline(ended: Ended, wish: Wish) -> None:
    """The baseline as a table or as data."""
    if wish.as_json:
        say_json({"run": ended.run_id, **ended.data})
    else:
        print(ended.baseline)
        print(f"files: .harness/runs/{ended.run_id}/baseline/")


def exit_code(ended: Ended) -> int:
    """0 goals met or reached, 1 not, 4 the budget ended the run; of a change that was given: 0 kept, 1 not kept."""
    if ended.outcome is not None and ended.state.get("given") and not ended.state["exhausted_budget"]:
        return 0 if any(trial.stage == "kept" for trial in ended.outcome.trials) else 1
    if ended.outcome is not None and all(r.state in ("met", "reached") for r in ended.outcome.results):
        return 0
    return BudgetError.exit_code if ended.state["exhausted_budget"] else 1


def as_data(outcome: Outcome) -> dict[str, object]:
    """What a script wants to know of a run."""
    return {
        "run": outcome.run_id,
        "branch": outcome.branch,
        "report": f"reports/{outcome.run_id}/report.md",
        "stopped": outcome.stopped,
        "goals": [
            {
                "metric": r.goal.metric,
                "target": r.goal.target,
                "initial": r.initial.mean,
                "final": r.final.mean,
                "state": r.state,
                "achievement": r.achievement,
            }
            for r in outcome.results
        ],
        "claimed": None if outcome.total is None else asdict(outcome.total),
        "kept": [t.change.id for t in kept_trials(outcome.trials)],
        "trials": [
            {
                "id": t.change.id,
                "node": t.change.node,
                "technique": t.change.technique,
                "proposer": t.change.proposer,
                "parents": list(t.change.parents),
                "stage": t.stage,
                "words": t.words,
                "p": t.decision.comparison.p if t.decision else None,
                "gain": t.decision.comparison.gain if t.decision else None,
            }
            for t in outcome.trials
        ],
        "analysis": asdict(outcome.analysis),
        "yields": [asdict(row) for row in outcome.yields],
        "commits": outcome.commits,
        "spend": asdict(outcome.spend),
        "phases": dict(outcome.phases),
    }


def next_steps(outcome: Outcome, wish: Wish) -> str:
    """The commands a person wants next."""
    if wish.apply:
        return f"merged into this checkout; the report is reports/{outcome.run_id}/report.md"
    read = f"branch {outcome.branch}: read it with `harness report {outcome.run_id}`"
    if not any(trial.stage == "kept" for trial in outcome.trials):
        return f"{read}; nothing was kept, so there is nothing to take but the report"
    take = f"`git merge --ff-only {outcome.branch}`"
    if wish.snapshot:
        return f"{read}; it holds your uncommitted changes too: `git stash --include-untracked`, then {take}"
    return f"{read}, take it with {take}"


def dry_run(root: Path, flags: Flags, *, as_json: bool) -> None:
    """Everything but model calls and commits: what would be done, where, and at what cost."""
    plan = outlook.plan(root, flags)
    if as_json:
        ends = {"baseline": plan.baseline_runs, "most": plan.most_runs}
        known = {"seconds": plan.seconds, "usd": plan.usd}
        costs = {unit: {end: of(runs) for end, runs in ends.items()} for unit, of in known.items()}
        say_json({**asdict(plan), **costs})
    else:
        print(plan_text(plan))
