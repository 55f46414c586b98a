"""Phase 3, step 10: the best candidate against the baseline on the sealed holdout, in looks; keep or revert.

A look asks more cases of both arms and is a step of the journal: a run that was killed between two looks takes the same
ones again from the record and goes on. What follows from a look is said by ``stats.judge``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from langgraph.runtime import Runtime

from harness import changes, levels, report, stats
from harness.loop.baseline import base_of, baseline_runs, deciding_cases, runs_of, scores_of, settled
from harness.loop.control import answers_alike, hand_on, reusable
from harness.loop.noted import label_of, note_trial, title_of
from harness.loop.state import State, Wiring
from harness.loop.trial import aim_of, clusters, confirming_runs, opened
from harness.loop.windows import windows
from harness.measure import Arm
from harness.types import Case, Change, Comparison, Decision, Guard, Run, Score, Trial

Runs = tuple[list[Run], list[Run]]  # of the baseline and of the candidate
Measure = Callable[[Sequence[Case], str], Runs]  # cases of a look, and which look it is in words -> runs


def level(ctx: Wiring) -> float:
    """Error level that the next confirmation of this run is offered."""
    spent, used = ctx.ledger.spent(ctx.split.digest), ctx.ledger.level(ctx.split.digest)
    return levels.level(ctx.settings, two_stage=ctx.split.two_stage, spent=spent, used=used)


def confirm(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 10: the best candidate against the baseline on the sealed holdout; keep with a commit, or revert."""
    ctx = runtime.context
    change = ctx.notes.change(state["pool"][0])
    confirmation = f"{ctx.run_id}:{change.id}"
    alpha = ctx.ledger.spend(ctx.split.digest, confirmation, level(ctx))
    if not ctx.notes.has("decision", change.id):
        ctx.notes.put("decision", change.id, confirm_one(ctx, state, change, alpha))
    decision = ctx.notes.get("decision", change.id, Decision)
    if ctx.split.two_stage and decision.spent is not None:
        ctx.ledger.release(ctx.split.digest, confirmation, alpha - decision.spent)
    stage = "kept" if decision.verdict == "keep" else "confirmed"
    screened = ctx.notes.get("screened", change.id, Comparison)
    sealed = ctx.split.two_stage
    trial = Trial(state["iteration"] + 1, change, screened, stage, decision.words, decision, ctx.now(), sealed)
    ctx.notes.put("trial", f"{change.id}:{stage}", trial)
    ctx.progress.tried(trial)
    after: State = {"iteration": state["iteration"] + 1, "pool": state["pool"][1:], "kept": stage == "kept"}
    if stage != "kept":
        return after
    for passed in after["pool"]:
        words = f"passed the screen, but {change.id} gained more and was kept; ideas are heard again on the new version"
        if passed in change.parents:
            words = f"is part of {change.id}, which was kept: confirmed together with the rest of it, not alone"
        result = ctx.notes.get("screened", passed, Comparison)
        note_trial(ctx, state, ctx.notes.change(passed), result, "not chosen", words)
    return {**after, **keep(ctx, state, trial)}


def confirm_one(ctx: Wiring, state: State, change: Change, alpha: float) -> Decision:
    """Look after look at level ``alpha`` over all of them, until they decide or the cases are used up."""
    with arms(ctx, state, change) as measure:
        course = course_of(ctx, state["generation"], alpha, apart=bool(change.aim))
        return next(decisions(ctx, state, change, course, measure))


def decisions(ctx: Wiring, state: State, change: Change, course: stats.Course, measure: Measure) -> Iterator[Decision]:
    """The decision, at the first look that allows one; each look before it is written down."""
    cases, before, after = deciding_cases(ctx), list[Run](), list[Run]()
    metric = aim_of(ctx, state["generation"], change)
    for look, block in enumerate(course.blocks, 1):
        left = sum(len(units) for units in course.blocks[look - 1 :])
        ctx.progress.ahead(2 * left * confirming_runs(ctx, state["generation"]))
        of = f"look {look} of {len(course.blocks)}"
        more = measure([case for case in cases if (case.cluster or case.id) in block], of)
        before, after = before + more[0], after + more[1]
        step = f"{change.id}:{look}"
        if ctx.notes.has("look", step):
            continue  # before the run was interrupted, this look had not decided
        seen, decision = judged(ctx, metric, course, look, (before, after), apart=bool(change.aim))
        if decision is not None:
            yield decision
        ctx.notes.put("look", step, seen.looks[-1])
        ctx.progress.note(f"{change.id}, {of}: {stats.describe(seen.comparison)}; it goes on")


def course_of(ctx: Wiring, generation: int, alpha: float, *, apart: bool = False) -> stats.Course:
    """The looks of a confirmation at level ``alpha``; one where a case costs one run, or nothing is sealed.

    One for a change that only must lose nothing, too: its tokens are fewer at once, and a guardrail that is asked look
    after look until it holds lets losses pass oftener than its bound says (``benchmarks.noninferior``).
    """
    looks = ctx.settings.looks if ctx.split.two_stage and not apart and not settled(ctx, generation) else 1
    return stats.plan(clusters(deciding_cases(ctx)), alpha, looks, ctx.settings.seed)


def judged(
    ctx: Wiring, metric: str, course: stats.Course, look: int, runs: Runs, *, apart: bool = False
) -> tuple[stats.Sighting, Decision | None]:
    """What the first ``look`` looks show, and the decision where they allow one.

    ``apart``: the change aims at a metric beside the run's goal, at no loss to any goal.
    """
    cases = deciding_cases(ctx)
    before, after = runs
    scores = scores_of(ctx, metric, cases, before), scores_of(ctx, metric, cases, after)
    arms = stats.pair(*scores, clusters(cases))
    seen = stats.sight(metric, ctx.metrics[metric].DIRECTION, arms, course, look, ctx.settings.seed)
    guards = tuple(guardrails(ctx, metric, cases, runs, apart=apart))
    return seen, stats.judge(seen, course, guards, max(missing(before), missing(after), unpaired(*scores)))


def missing(runs: Sequence[Run]) -> float:
    """Share of runs lost to faults of the infrastructure, 0-1."""
    return sum(run.lost for run in runs) / len(runs) if runs else 0.0


def unpaired(before: Sequence[Score], after: Sequence[Score]) -> float:
    """Share of runs, 0-1, that have a value in one arm alone: a change must not win by leaving cases unscored."""
    valued = [{(s.case, s.k) for s in scores if s.value is not None} for scores in (before, after)]
    return len(valued[0] ^ valued[1]) / max(len(valued[0] | valued[1]), 1)


def guardrails(ctx: Wiring, metric: str, cases: Sequence[Case], runs: Runs, *, apart: bool) -> Iterator[Guard]:
    """Every goal but the one that the change aims at.

    A change that betters no goal may not lean on what a goal has to spare: whatever its target, it is held against the
    baseline, with half of the margin.
    """
    margin = ctx.settings.margin / 2 if apart else ctx.settings.margin
    for goal in ctx.notes.goals().goals:
        if goal.metric != metric:
            before, after = (scores_of(ctx, goal.metric, cases, side) for side in runs)
            held = replace(goal, target=None) if apart else goal
            yield stats.guard(held, before, after, margin, clusters(cases))


@contextmanager
def arms(ctx: Wiring, state: State, change: Change) -> Iterator[Measure]:
    """Runs of the baseline and of the candidate on the cases of a look.

    Both arms are drawn afresh, window by window, so that a drifting endpoint hits both alike; ``reusable`` names the
    exception, in which the control is drawn for those runs alone that a baseline after a keep is short of. Calls
    upstream of the change are shared either way; where the candidate ``answers_alike`` all are.
    """
    generation = state["generation"]
    alike = answers_alike(ctx, generation, label_of(generation, change))
    recorded = baseline_runs(ctx, generation) if reusable(ctx, generation) else None
    ks = range(confirming_runs(ctx, generation))
    with opened(ctx, change) as app, ctx.current(state["best"]) as current:

        def measure(cases: Sequence[Case], of: str) -> Runs:
            candidate = confirmation_arm(ctx, generation, change, "after", of)
            candidate = replace(candidate, salt="", changed=()) if alike else candidate
            control = confirmation_arm(ctx, generation, change, "before", of)
            if recorded is not None:
                ids = {case.id for case in cases}
                known = [run for run in recorded if run.case in ids and run.k in ks]
                lacking = ks[runs_of(ctx, generation) :]
                known += ctx.meter.measure(current, control, cases, lacking) if lacking else []
                return known, ctx.meter.measure(app, candidate, cases, ks)
            before, after = list[Run](), list[Run]()
            for window, some in windows(ctx.settings, cases, ks):
                before += ctx.meter.measure(current, control, window, some)
                after += ctx.meter.measure(app, candidate, window, some)
            return before, after

        yield measure


def confirmation_arm(ctx: Wiring, generation: int, change: Change, side: str, of: str) -> Arm:
    """An arm whose affected calls are drawn afresh for this confirmation alone; ``side`` is "before" or "after"."""
    label = f"{label_of(generation, change)}:{side}"
    return Arm(
        title=f"{title_of(change)}, {of}, {side}",
        label=label,
        base=base_of(ctx, generation),
        draw=label,
        shelf=f"{ctx.run_id}:{label}",  # no later run may take these draws for its own confirmation
        salt=label,
        changed=change.nodes or (change.node,),
    )


def keep(ctx: Wiring, state: State, trial: Trial) -> State:
    """Commit the change on the run's branch; a new generation begins with everything open again."""
    if not ctx.notes.has("commit", trial.change.id):
        ctx.worktree.reset(state["best"])
        message = report.commit_message(trial, f"reports/{ctx.run_id}/report.md")
        ctx.notes.put("commit", trial.change.id, committed(ctx, trial.change, message))
    best = ctx.notes.get("commit", trial.change.id, str)
    ctx.worktree.reset(best)
    hand_on(ctx, state["generation"], label_of(state["generation"], trial.change))
    return {
        "best": best,
        "generation": state["generation"] + 1,
        "pool": [],
        "pair": [],
        "exhausted": [],
        "tried": [],
    }


def committed(ctx: Wiring, change: Change, message: str) -> str:
    """Sha of the commit with the change on the run's branch."""
    if change.revision:
        return ctx.worktree.take(change.revision, message)
    changes.apply(ctx.worktree.path, change)
    return ctx.worktree.commit(message, changes.files_of(change))
