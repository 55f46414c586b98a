"""Phase 3, second half: steps 9 and 10. Screen the candidates on dev, confirm the best one on the sealed holdout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from langgraph.runtime import Runtime

from harness import changes, discover, levels, report, stats
from harness.errors import AppError
from harness.journal import Label
from harness.loop.ahead import better_half, until_decision
from harness.loop.baseline import base_of, baseline_runs, deciding_cases, scores_of, target_metric
from harness.loop.state import State, Wiring
from harness.measure import Arm
from harness.proposers.place import mark
from harness.protocols import App
from harness.types import Case, Change, Comparison, Decision, Guard, Run, Score, Trial

_LOCAL = ("embedded:",)  # models that run from a file here and cannot drift
_WINDOW = 4  # cases in flight x this = cases per interleaved window of a confirmation


@contextmanager
def opened(ctx: Wiring, change: Change) -> Iterator[App]:
    """The best version with the change applied, in a tree of its own that is gone afterwards."""
    with ctx.checkout(change.id, change.revision) as tree:
        if not change.revision:
            changes.apply(tree, change)
        with closing(ctx.host.open(tree, f"{ctx.run_id}:{change.id}")) as app:
            yield app


def stages(runs: int) -> list[range]:
    """Run indices added at each stage of the screen: 1, then 2, then all."""
    marks = sorted({1, min(2, runs), runs})
    return [range(low, high) for low, high in zip([0, *marks], marks, strict=False)]


def compared(
    ctx: Wiring, metric: str, cases: Sequence[Case], before: Sequence[Run], after: Sequence[Run]
) -> Comparison:
    """Paired comparison of two arms on one metric."""
    return stats.compare(
        metric,
        ctx.metrics[metric].DIRECTION,
        scores_of(ctx, metric, cases, before),
        scores_of(ctx, metric, cases, after),
        clusters(cases),
        ctx.settings.seed,
    )


def clusters(cases: Sequence[Case]) -> dict[str, str]:
    """Unit of each case: its cluster, else itself."""
    return {case.id: case.cluster or case.id for case in cases}


def screen(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 9: successive halving on dev. What cannot win is dropped early; what passes waits for confirmation.

    Spends no alpha: the holdout is not asked.
    """
    ctx = runtime.context
    standing: dict[str, Comparison | None] = dict.fromkeys(state["candidates"])
    plan = [range(ctx.settings.runs)] if state.get("given") else stages(ctx.settings.runs)
    sizes = (len(ctx.split.dev), len(deciding_cases(ctx)))
    for position, ks in enumerate(plan):
        for done, change_id in enumerate(order := list(standing)):
            ctx.progress.ahead(until_decision(plan[position:], len(standing), len(order) - done, *sizes))
            result = screen_one(ctx, state, ctx.notes.change(change_id), ks)
            if result is None:
                del standing[change_id]
            else:
                standing[change_id] = result
        if position < len(plan) - 1:
            standing = halved(ctx, state, standing)
    found = {key: value for key, value in standing.items() if value is not None}
    pool = admitted(ctx, found) if state.get("given") else rank(ctx, state, found)
    return {"pool": pool, "candidates": []}


def screen_one(ctx: Wiring, state: State, change: Change, ks: range) -> Comparison | None:
    """Measure ``ks`` more runs of a candidate on dev; None when it leaves the race, with its trial recorded."""
    generation = state["generation"]
    label = label_of(generation, change)
    base = base_of(ctx, generation)
    arm = Arm(f"{title_of(change)}, on dev", label, base=base, draw=str(Label(generation)), shelf=base)
    dev = ctx.split.dev
    try:
        with opened(ctx, change) as app:
            runs = ctx.meter.measure(app, arm, dev, range(ks.stop))
    except (AppError, changes.Refused, changes.Stale) as error:
        note_trial(ctx, state, change, None, "refused", f"the app does not start with it: {error.message}")
        return None
    if not took_effect(change, runs):
        missing_sign = "no call was made with it" if change.parameter else "the new text never reached the model"
        note_trial(ctx, state, change, None, "no effect", missing_sign)
        return None
    before = [run for run in baseline_runs(ctx, generation) if run.k < ks.stop]
    result = compared(ctx, target_metric(ctx, generation), dev, before, runs)
    if stats.futile(result):
        note_trial(ctx, state, change, result, "futile", f"no gain on dev after {ks.stop} run(s)")
        return None
    return result


def took_effect(change: Change, runs: Sequence[Run]) -> bool:
    """Whether the recorded calls show the new text, or the new value of a parameter."""
    calls = [call for run in runs for call in run.calls]
    if change.revision:
        return True  # it may change what no call shows
    if change.parameter:
        return discover.invoked(change.parameter, changes.new_number(change), calls, change.nodes)
    return discover.reached(change.new, calls, change.node)


def halved(ctx: Wiring, state: State, standing: dict[str, Comparison | None]) -> dict[str, Comparison | None]:
    """The better half, at least two where there are two; the others leave the race."""
    order = sorted(standing, key=lambda key: (-gain(standing[key]), key))
    keep = better_half(len(order))
    for change_id in order[keep:]:
        words = "others gained more on dev in the same number of runs"
        note_trial(ctx, state, ctx.notes.change(change_id), standing[change_id], "not chosen", words)
    return {key: standing[key] for key in standing if key in order[:keep]}


def gain(result: Comparison | None) -> float:
    """Mean gain, better is positive; minus infinity when there is none."""
    return -float("inf") if result is None or result.gain is None else result.gain


def rank(ctx: Wiring, state: State, results: dict[str, Comparison]) -> list[str]:
    """Ids that pass the screen, best first; ties go to the shorter text. The rest is recorded as screened out."""
    passed = []
    for change_id, result in results.items():
        if stats.screen(result):
            passed.append(change_id)
        else:
            words = f"gain on dev is not clear enough to ask the holdout (p = {result.p:.3f} > .10)"
            note_trial(ctx, state, ctx.notes.change(change_id), result, "screened out", words)
    lengths = {key: sum(len(p) for p in ctx.notes.change(key).new if isinstance(p, str)) for key in passed}
    passed.sort(key=lambda key: (-gain(results[key]), lengths[key], key))
    return admitted(ctx, {change_id: results[change_id] for change_id in passed})


def admitted(ctx: Wiring, results: dict[str, Comparison]) -> list[str]:
    """The ids of what may be confirmed, in that order, with what dev said of each written down."""
    for change_id, result in results.items():
        ctx.notes.put("screened", change_id, result)
    return list(results)


def note_trial(ctx: Wiring, state: State, change: Change, result: Comparison | None, stage: str, words: str) -> None:
    """Record where a candidate ended."""
    trial = Trial(state["iteration"] + 1, change, result, stage, words, at=ctx.now())
    ctx.notes.put("trial", f"{change.id}:{stage}", trial)
    ctx.progress.tried(trial)


# ---- confirmation --------------------------------------------------------------------------------------------------


def level(ctx: Wiring) -> float:
    """Level of one confirmation of this run."""
    return levels.level(ctx.settings, two_stage=ctx.split.two_stage)


def confirm(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 10: the best candidate against the baseline on the sealed holdout; keep with a commit, or revert."""
    ctx = runtime.context
    change = ctx.notes.change(state["pool"][0])
    confirmation = f"{ctx.run_id}:{change.id}"
    ctx.ledger.spend(ctx.split.digest, confirmation, level(ctx))
    if not ctx.notes.has("decision", change.id):
        ctx.notes.put("decision", change.id, confirm_one(ctx, state, change))
    decision = ctx.notes.get("decision", change.id, Decision)
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
        result = ctx.notes.get("screened", passed, Comparison)
        note_trial(ctx, state, ctx.notes.change(passed), result, "not chosen", words)
    return {**after, **keep(ctx, state, trial)}


def confirm_one(ctx: Wiring, state: State, change: Change) -> Decision:
    """Both arms on the deciding cases, then the decision."""
    cases = deciding_cases(ctx)
    ctx.progress.ahead(2 * len(cases) * ctx.settings.runs)
    before, after = confirmation_runs(ctx, state, change, cases)
    metric = target_metric(ctx, state["generation"])
    result = compared(ctx, metric, cases, before, after)
    guards = tuple(guardrails(ctx, metric, cases, before, after))
    one_sided = unpaired(*(scores_of(ctx, metric, cases, runs) for runs in (before, after)))
    return stats.decide(result, guards, level(ctx), max(missing(before), missing(after), one_sided))


def missing(runs: Sequence[Run]) -> float:
    """Share of runs lost to faults of the infrastructure, 0-1."""
    return sum(run.lost for run in runs) / len(runs) if runs else 0.0


def unpaired(before: Sequence[Score], after: Sequence[Score]) -> float:
    """Share of runs, 0-1, that have a value in one arm alone: a change must not win by leaving cases unscored."""
    valued = [{(s.case, s.k) for s in scores if s.value is not None} for scores in (before, after)]
    return len(valued[0] ^ valued[1]) / max(len(valued[0] | valued[1]), 1)


def guardrails(
    ctx: Wiring, metric: str, cases: Sequence[Case], before: Sequence[Run], after: Sequence[Run]
) -> Iterator[Guard]:
    """Every goal but the one that the change aims at."""
    for goal in ctx.notes.goals().goals:
        if goal.metric != metric:
            arms = (scores_of(ctx, goal.metric, cases, before), scores_of(ctx, goal.metric, cases, after))
            yield stats.guard(goal, *arms, ctx.settings.margin, clusters(cases))


def confirmation_runs(ctx: Wiring, state: State, change: Change, cases: Sequence[Case]) -> tuple[list[Run], list[Run]]:
    """Runs of the baseline and of the candidate on the deciding cases.

    Both arms are drawn afresh, window by window, so that a drifting endpoint hits both alike; ``reusable`` names the
    exception. Calls upstream of the change are shared either way.
    """
    generation, ks = state["generation"], range(ctx.settings.runs)
    candidate = confirmation_arm(ctx, generation, change, "after")
    if reusable(ctx, generation):
        ids = {case.id for case in cases}
        with opened(ctx, change) as app:
            after = ctx.meter.measure(app, candidate, cases, ks)
        return [run for run in baseline_runs(ctx, generation) if run.case in ids], after
    control = confirmation_arm(ctx, generation, change, "before")
    before, after = [], []
    width = ctx.settings.concurrency * _WINDOW
    with ctx.current(state["best"]) as current, opened(ctx, change) as app:
        for start in range(0, len(cases), width):
            window = cases[start : start + width]
            before += ctx.meter.measure(current, control, window, ks)
            after += ctx.meter.measure(app, candidate, window, ks)
    return before, after


def confirmation_arm(ctx: Wiring, generation: int, change: Change, side: str) -> Arm:
    """An arm whose affected calls are drawn afresh for this confirmation alone; ``side`` is "before" or "after"."""
    label = f"{label_of(generation, change)}:{side}"
    return Arm(
        title=f"{title_of(change)}, confirmed, {side}",
        label=label,
        base=base_of(ctx, generation),
        draw=label,
        shelf=f"{ctx.run_id}:{label}",  # no later run may take these draws for its own confirmation
        salt=label,
        changed=change.nodes or (change.node,),
    )


def title_of(change: Change) -> str:
    """A candidate as people are told of it."""
    return f"{change.id} {change.technique} at {change.node}"


def label_of(generation: int, change: Change) -> str:
    """Name of a candidate's runs: the same change in the same generation is measured once."""
    return str(Label(generation, mark(change.new, change.parameter, change.span)))


def reusable(ctx: Wiring, generation: int) -> bool:
    """Whether the recorded baseline may be the control of a confirmation instead of fresh draws.

    Only for models that cannot drift, and for no metric in seconds: a machine drifts even where a model does not. And
    only where one goal is written: which of several is aimed at was read off these same draws, so that an unluckily
    low baseline would both choose the goal and flatter the change. That the run goes on at all was read off them too;
    this leaves out tests and adds none, so it cannot raise the level.
    """
    timed = ctx.metrics[target_metric(ctx, generation)].UNIT == "s"
    alone = len(ctx.notes.goals().goals) == 1
    return alone and not timed and pinned(ctx, baseline_runs(ctx, generation))


def pinned(ctx: Wiring, runs: Sequence[Run]) -> bool:
    """Whether the app's models cannot drift: as set, else True when every recorded model is a local one."""
    if ctx.settings.pinned is not None:
        return ctx.settings.pinned
    models = {call.model for run in runs for call in run.calls}
    return bool(models) and all(model.startswith(_LOCAL) for model in models)


def keep(ctx: Wiring, state: State, trial: Trial) -> State:
    """Commit the change on the run's branch; a new generation begins with everything open again."""
    if not ctx.notes.has("commit", trial.change.id):
        ctx.worktree.reset(state["best"])
        message = report.commit_message(trial, f"reports/{ctx.run_id}/report.md")
        ctx.notes.put("commit", trial.change.id, committed(ctx, trial.change, message))
    best = ctx.notes.get("commit", trial.change.id, str)
    ctx.worktree.reset(best)
    return {
        "best": best,
        "generation": state["generation"] + 1,
        "pool": [],
        "exhausted": [],
        "tried": [],
    }


def committed(ctx: Wiring, change: Change, message: str) -> str:
    """Sha of the commit with the change on the run's branch."""
    if change.revision:
        return ctx.worktree.take(change.revision, message)
    changes.apply(ctx.worktree.path, change)
    return ctx.worktree.commit(message, [change.span.file])
