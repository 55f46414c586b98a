"""Phase 3, step 9: the candidates are screened on dev, which spends no error level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from langgraph.runtime import Runtime

from harness import changes, stats
from harness.errors import AppError
from harness.journal import Label
from harness.loop.ahead import until_decision
from harness.loop.baseline import (
    base_of,
    baseline_runs,
    deciding_cases,
    runs_of,
    scores_of,
    settled,
    target_metric,
)
from harness.loop.compose import BUILT_UPON, Stage, added, composes, size, stages, stem
from harness.loop.control import reusable, to_measure
from harness.loop.effect import missing_sign
from harness.loop.noted import label_of, note_trial, title_of
from harness.loop.ranking import admitted, halved, keeps_goals, left, on_dev, ordered, pair_of, promise, rank, strength
from harness.loop.state import State, Wiring
from harness.measure import Arm
from harness.proposers.place import mark
from harness.protocols import App
from harness.types import Case, Change, Comparison, Run


@contextmanager
def opened(ctx: Wiring, change: Change) -> Iterator[App]:
    """The best version with the change applied, in a tree of its own that is gone afterwards."""
    with ctx.checkout(change.id, change.revision) as tree:
        if not change.revision:
            changes.apply(tree, change)
        with closing(ctx.host.open(tree, f"{ctx.run_id}:{change.id}")) as app:
            yield app


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
    plan = course(ctx, state)
    confirmation = confirming(ctx, state["generation"])
    for position, stage in enumerate(plan):
        last = position == len(plan) - 1
        for done, change_id in enumerate(order := list(standing)):
            ahead = until_decision(added(plan)[position:], len(standing), len(order) - done, confirmation)
            ctx.progress.ahead(ahead)
            result = screen_one(ctx, state, ctx.notes.change(change_id), stage, last=last)
            if result is None:
                del standing[change_id]
            else:
                standing[change_id] = result
        if not last:
            standing = halved(ctx, state, standing)
    found = {key: value for key, value in standing.items() if value is not None}
    if state.get("given"):
        return {"pool": admitted(ctx, found), "candidates": []}
    passed = rank(ctx, state, found)
    if composes(ctx):
        climbing = [c for c in found if promise(ctx, found[c]) >= BUILT_UPON]
        return {"candidates": [], **climbed(ctx, state, passed, climbing)}
    if state["pool"]:  # what is measured is the pair of those that wait
        pair = [change_id for change_id in passed if keeps_goals(ctx, state, change_id)]
        return {"pool": ordered(ctx, state, [*state["pool"], *pair]), "candidates": []}
    pool = left(ctx, state, passed)
    return {"pool": pool, "candidates": [], "pair": pair_of(ctx, state, pool)}


def course(ctx: Wiring, state: State) -> list[Stage]:
    """The stages of the screen in a generation."""
    few = 1 if settled(ctx, state["generation"]) else ctx.settings.few_runs
    return [Stage(ctx.split.dev, few)] if state.get("given") else stages(ctx, few)


def climbed(ctx: Wiring, state: State, passed: Sequence[str], seen: Sequence[str]) -> State:
    """The pool with what has passed, the best on dev so far as the next stem, and whether another round builds on that.

    ``seen``: what has gained enough on dev to be built upon. Less will do than for a confirmation.
    """
    known = dict.fromkeys((*state["pool"], *passed, *seen, *filter(None, (state["stem"],))))
    order = sorted(known, key=lambda c: strength(ctx, on_dev(ctx, c)))
    pool = [c for c in order if c in {*state["pool"], *passed}]
    after: State = {"pool": pool, "stem": stem(ctx, order, state["target"]), "climbs": state["climbs"] + 1}
    goes_on = after["stem"] and after["climbs"] <= ctx.settings.compose and room(ctx, {**state, **after}) > 1
    return after if goes_on else {**after, "climbs": 0}


def room(ctx: Wiring, state: State) -> int:
    """Candidates of the next round; a confirmation, and the baseline that its claim rests on, must stay possible."""
    generation = state["generation"]
    plan, runs = course(ctx, state), confirming_runs(ctx, generation)
    return size(ctx, state, plan, confirming(ctx, generation) + to_measure(ctx, generation, plan[-1].runs, runs))


def confirming(ctx: Wiring, generation: int) -> int:
    """Runs of a confirmation, both arms but for what the recorded baseline has of one of them."""
    runs = confirming_runs(ctx, generation)
    control = max(0, runs - runs_of(ctx, generation)) if reusable(ctx, generation) else runs
    return (runs + control) * len(deciding_cases(ctx))


def confirming_runs(ctx: Wiring, generation: int) -> int:
    """Runs per case of a confirmation, in each arm."""
    return 1 if settled(ctx, generation) else ctx.settings.runs


def screen_one(ctx: Wiring, state: State, change: Change, stage: Stage, *, last: bool) -> Comparison | None:
    """Measure a candidate as far as ``stage`` asks; None when it leaves the race, with its trial recorded."""
    generation = state["generation"]
    label = label_of(generation, change)
    base = base_of(ctx, generation)
    arm = Arm(  # calls with a text of one candidate are of no use to the others, which would read them again and again
        title=f"{title_of(change)}, on dev",
        label=label,
        base=base,
        draw=str(Label(generation)),
        shelf=f"{base}:{mark(change.new, change.parameter, change.span)}",
        own=change.nodes or (change.node,),
    )
    try:
        with opened(ctx, change) as app:
            runs = ctx.meter.measure(app, arm, stage.cases, range(stage.runs))
    except (AppError, changes.Refused, changes.Stale) as error:
        note_trial(ctx, state, change, None, "refused", f"the app does not start with it: {error.message}")
        return None
    sign = missing_sign(ctx, generation, change, runs)
    if sign:
        note_trial(ctx, state, change, None, "no effect", sign)
        return None
    before = [run for run in baseline_runs(ctx, generation) if run.k < stage.runs]
    result = compared(ctx, aim_of(ctx, generation, change), stage.cases, before, runs)
    lost = change.aim and compared(ctx, target_metric(ctx, generation), stage.cases, before, runs).gain
    if lost and lost < 0:
        note_trial(ctx, state, change, result, "futile", f"it loses {-lost:.3g} in the goal on dev")
        return None
    if stats.futile(result, last=last):
        part = "" if stage.cases == ctx.split.dev else f" of {len(stage.cases)} cases"
        note_trial(ctx, state, change, result, "futile", f"no gain on dev after {stage.runs} run(s){part}")
        return None
    return result


def aim_of(ctx: Wiring, generation: int, change: Change) -> str:
    """The metric that a change has to better."""
    return change.aim or target_metric(ctx, generation)
