"""Phase 4: steps 12 and 13. The record becomes an Outcome, the Outcome a report, the report a commit."""

from __future__ import annotations

from pathlib import Path

from langgraph.runtime import Runtime

import harness
from harness import analyse, goals, report, settings
from harness.loop import judged, yields
from harness.loop.baseline import (
    baseline_runs,
    deciding_cases,
    found_in_baseline,
    goal_state,
    measured,
    scores_of,
    target_metric,
)
from harness.loop.control import handed_on
from harness.loop.noted import note_trial
from harness.loop.state import State, Wiring
from harness.loop.trial import compared
from harness.types import Analysis, Comparison, NodeCost, Outcome, Profile, Result, Trial, Yield, kept_trials


def write_report(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 12: assemble the Outcome and write the report's files on the run's branch."""
    ctx = runtime.context
    for change_id in {*state["pool"], *state["candidates"]} - {t.change.id for t in ctx.notes.trials()}:
        note_trial(
            ctx, state, ctx.notes.change(change_id), None, "not chosen", f"the run ended first: {state['stopped']}"
        )
    ctx.notes.put(yields.EARLIER, "end", tuple(yields.counted(ctx).values()))
    ctx.notes.put("outcome", "end", outcome(ctx, state))
    ctx.worktree.reset(state["best"])
    write_files(ctx, ctx.worktree.path / "reports" / ctx.run_id)
    return {}


def write_files(ctx: Wiring, folder: Path) -> list[str]:
    """What people read and what a fresh clone needs: the ledger counts the confirmations in run.jsonl.

    Returns the names of all files that were written, which are those to be committed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {**report.files(ctx.notes.outcome()), "settings.json": settings.dump(ctx.settings) + "\n"}
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8", "replace"))  # answers may hold half of a surrogate pair
    ctx.journal.export_jsonl(folder / "run.jsonl", telling_ids(ctx))
    return [*texts, "run.jsonl"]


def telling_ids(ctx: Wiring) -> list[str]:
    """Holdout ids that can only mean a case: those that a change, a node or a metric is not called by too."""
    found = ctx.notes.discovery(0)
    public = {trial.change.id for trial in ctx.notes.trials()} | set(ctx.metrics) | {node.name for node in found.nodes}
    return [case.id for case in ctx.split.holdout if case.id not in public and any(c.isdigit() for c in case.id)]


def commit_report(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 13: one commit for the report, after those of the kept changes."""
    ctx = runtime.context
    folder = f"reports/{ctx.run_id}"
    written = write_files(ctx, ctx.worktree.path / folder)  # again: a resumed run begins with a clean tree
    result = ctx.notes.outcome()
    reached = sum(r.state in ("met", "reached") for r in result.results)
    message = f"docs(reports): {ctx.run_id}, {reached} of {len(result.results)} goals reached\n\n{result.stopped}"
    ctx.worktree.commit(message, [f"{folder}/{name}" for name in written])
    ctx.end(result.stopped)
    return {}


def outcome(ctx: Wiring, state: State) -> Outcome:
    """Everything the report says, read back from the journal."""
    last, notes = last_measured(ctx, state), ctx.notes
    ends, known = results(ctx, last), judged.calibrations(ctx)
    total = comparison_of_ends(ctx, last)
    found = notes.discovery(0)
    trials = notes.trials()
    started = notes.get("run", "start", dict)
    return Outcome(
        run_id=ctx.run_id,
        project=ctx.places.root.name,
        started=str(started["started"]),
        finished=ctx.now(),
        base=str(started["base"]),
        branch=f"harness/{ctx.run_id}",
        harness_version=harness.__version__,
        settings=ctx.settings,
        goals=notes.goals(),
        discovery=found,
        targets=notes.targets(0),
        dev=len(ctx.split.dev),
        holdout=len(ctx.split.holdout),
        digest=ctx.split.digest,
        baseline=notes.summaries("all", 0),
        failures=notes.failures(0),
        costs_before=notes.get("costs", "0", tuple[NodeCost, ...]),
        costs_after=costs_at(ctx, last),
        trials=trials,
        results=ends,
        dev_cases=dev_cases(ctx, last),
        counts=(total.improved, total.kept, total.worse),
        diff=ctx.worktree.diff(str(started["base"])),
        commits=commits(ctx, trials),
        alpha_spent=alpha_spent(trials),
        spend=ctx.meter.spend,
        phases=state["phases"],
        stopped=state["stopped"],
        notes=(*started["warnings"], *found_in_baseline(ctx), *unmeasured(last, state), *judged.uncalibrated(ctx)),
        total=total,
        units={name: ctx.metrics[name].UNIT for name in measured(ctx)},
        course=tuple(notes.summaries(ctx.deciding, generation) for generation in range(last + 1)),
        failures_left=notes.failures(last),
        profile_before=notes.get("profile", "0", Profile),
        profile_after=notes.get("profile", str(last), Profile),
        calibrations=known,
        analysis=notes.get("analysis", "0", Analysis) if notes.has("analysis", "0") else Analysis(),
        corrections=judged.corrections(ends, known),
        replayed=handed_on(ctx, last),
        yields=notes.get(yields.EARLIER, "end", tuple[Yield, ...]) if len(yields.sources(ctx.proposers)) > 1 else (),
    )


def last_measured(ctx: Wiring, state: State) -> int:
    """The newest generation with a baseline of its own: all but a kept change that the budget cut off."""
    generations = range(state["generation"], -1, -1)
    return next(g for g in generations if ctx.notes.has("summary-all", str(g)))


def unmeasured(last: int, state: State) -> tuple[str, ...]:
    """What a reader must know when the last kept change has no fresh baseline."""
    if last == state["generation"]:
        return ()
    return ("the budget ended before the last kept change was measured afresh: its results are not in the table",)


def comparison_of_ends(ctx: Wiring, last: int) -> Comparison:
    """The app as found against the last kept state, on the deciding cases; both drawn before and apart."""
    metric = ctx.notes.goals().goals[0].metric if last == 0 else target_metric(ctx, 0)
    return compared(ctx, metric, deciding_cases(ctx), baseline_runs(ctx, 0), baseline_runs(ctx, last))


def costs_at(ctx: Wiring, generation: int) -> tuple[NodeCost, ...]:
    """Cost by node on dev."""
    ids = {case.id for case in ctx.split.dev}
    runs = [run for run in baseline_runs(ctx, generation) if run.case in ids]
    return analyse.node_costs(runs, ctx.settings.prices)


def results(ctx: Wiring, last: int) -> tuple[Result, ...]:
    """Each goal at the start and at the end, on the deciding cases."""
    rows = []
    for goal in ctx.notes.goals().goals:
        initial, final = (
            next(s for s in ctx.notes.summaries(ctx.deciding, g) if s.metric == goal.metric) for g in (0, last)
        )
        reach = None if final.mean is None else goals.achievement(goal, final.mean)
        rows.append(Result(goal, initial, final, goal_state(ctx, goal, last), reach))
    return tuple(rows)


def dev_cases(ctx: Wiring, last: int) -> tuple[tuple[str, float | None, float | None], ...]:
    """Dev cases with the target metric's mean over runs, first and last."""
    metric = target_metric(ctx, 0)
    ends = []
    for generation in (0, last):
        values: dict[str, list[float]] = {}
        for item in scores_of(ctx, metric, ctx.split.dev, baseline_runs(ctx, generation)):
            if item.value is not None:
                values.setdefault(item.case, []).append(item.value)
        ends.append({key: sum(v) / len(v) for key, v in values.items()})
    return tuple((case.id, ends[0].get(case.id), ends[1].get(case.id)) for case in ctx.split.dev)


def commits(ctx: Wiring, trials: tuple[Trial, ...]) -> tuple[str, ...]:
    """Commits of the kept changes, in order."""
    return tuple(ctx.notes.get("commit", trial.change.id, str) for trial in kept_trials(trials))


def alpha_spent(trials: tuple[Trial, ...]) -> float:
    """Sum of what this run's confirmations used up."""
    decided = [t.decision for t in trials if t.decision is not None]
    return sum(d.alpha if d.spent is None else d.spent for d in decided)
