"""Phase 3, step 9: the candidates are screened on dev, which spends no error level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from langgraph.runtime import Runtime

from harness import changes, levels, plugins, stats
from harness.errors import AppError
from harness.figures import number
from harness.journal import Label
from harness.loop.ahead import better_part, until_decision
from harness.loop.baseline import (
    base_of,
    baseline_runs,
    deciding_cases,
    scores_of,
    settled,
    target_metric,
)
from harness.loop.compose import BUILT_UPON, Stage, added, composes, size, stages, stem
from harness.loop.control import reusable, to_measure
from harness.loop.effect import missing_sign
from harness.loop.state import State, Wiring
from harness.measure import Arm
from harness.proposers.place import mark
from harness.protocols import App
from harness.types import Case, Change, Comparison, Run, Trial

UNCLEAR = "screened out"  # how a candidate ended whose gain on dev is not clear enough


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


def on_dev(ctx: Wiring, change_id: str) -> Comparison | None:
    """What the whole screen said of a candidate, whether it passed or not."""
    if ctx.notes.has("screened", change_id):
        return ctx.notes.get("screened", change_id, Comparison)
    return ctx.notes.get("trial", f"{change_id}:{UNCLEAR}", Trial).screen


def room(ctx: Wiring, state: State) -> int:
    """Candidates of the next round; a confirmation, and the baseline that its claim rests on, must stay possible."""
    generation = state["generation"]
    plan, runs = course(ctx, state), confirming_runs(ctx, generation)
    return size(ctx, state, plan, confirming(ctx, generation) + to_measure(ctx, generation, plan[-1].runs, runs))


def confirming(ctx: Wiring, generation: int) -> int:
    """Runs of a confirmation, both arms but where the recorded baseline is one of them."""
    arms = 1 if reusable(ctx, generation) else 2
    return arms * len(deciding_cases(ctx)) * confirming_runs(ctx, generation)


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


def halved(ctx: Wiring, state: State, standing: dict[str, Comparison | None]) -> dict[str, Comparison | None]:
    """The better two fifths, at least two where there are two; the others leave the race."""
    order = sorted(standing, key=lambda key: (bool(ctx.notes.change(key).aim), *strength(ctx, standing[key]), key))
    keep = better_part(len(order))
    for change_id in order[keep:]:
        words = "others gained more on dev in the same number of runs"
        note_trial(ctx, state, ctx.notes.change(change_id), standing[change_id], "not chosen", words)
    return {key: standing[key] for key in standing if key in order[:keep]}


def strength(ctx: Wiring, result: Comparison | None) -> tuple[float, float]:
    """Sort key, the best first: promise before size, for a gain of few cases that scatter is soon the largest."""
    if result is None or result.gain is None:
        return 1.0, 0.0
    return -promise(ctx, result), -result.gain


def clear(ctx: Wiring, change_id: str) -> bool:
    """Whether a change is likelier than not to be shown alone."""
    found = on_dev(ctx, change_id)
    return found is not None and promise(ctx, found) >= levels.CLEAR


def promise(ctx: Wiring, result: Comparison) -> float:
    """Chance that the holdout would show what dev has seen."""
    return stats.promise(result, share=ctx.metrics[result.metric].UNIT == "")


def rank(ctx: Wiring, state: State, results: dict[str, Comparison]) -> list[str]:
    """Ids that pass the screen, best first; ties go to the cheaper, then the shorter text. The rest is recorded."""
    passed = []
    for change_id, result in results.items():
        if stats.screen(result, share=ctx.metrics[result.metric].UNIT == ""):
            passed.append(change_id)
        else:
            chance = f"a chance of {promise(ctx, result):.0%} to be shown there, less than {stats.ADMITTED:.0%}"
            words = f"gain on dev is not clear enough to ask the holdout: {chance}"
            note_trial(ctx, state, ctx.notes.change(change_id), result, UNCLEAR, words)
    return ordered(ctx, state, admitted(ctx, {change_id: results[change_id] for change_id in passed}))


def ordered(ctx: Wiring, state: State, passed: Sequence[str]) -> list[str]:
    """What has passed the screen in the order to be confirmed: what betters the goal itself comes first."""

    def place(change_id: str) -> tuple[object, ...]:
        change = ctx.notes.change(change_id)
        return bool(change.aim), *strength(ctx, on_dev(ctx, change_id)), *price(ctx, state, change), change_id

    return sorted(passed, key=place)


def left(ctx: Wiring, state: State, order: Sequence[str]) -> list[str]:
    """What a round puts to the holdout: the best and the next that is no variant of it, beside what has another aim.

    Three confirmations that fail use up nearly all of the level, so a further candidate would be asked for nothing.
    Without sealed cases each has a level of its own, and all stay.
    """
    if not ctx.split.two_stage:
        return list(order)
    changes_of = {change_id: ctx.notes.change(change_id) for change_id in order}
    own = [change_id for change_id in order if not changes_of[change_id].aim]
    others = sorted(own[1:], key=lambda key: is_variant(changes_of[own[0]], changes_of[key]))  # stable: else as ranked
    stay = {*own[:1], *others[: levels.LEFT - 1]}
    for change_id in own:
        if change_id not in stay:
            words = "others of its round are more promising on dev"
            note_trial(ctx, state, changes_of[change_id], on_dev(ctx, change_id), "not chosen", words)
    return [change_id for change_id in order if change_id in stay or changes_of[change_id].aim]


def pair_of(ctx: Wiring, state: State, pool: Sequence[str]) -> list[str]:
    """The two changes of the text in work that may be put together, [] for none.

    Without sealed cases never: there every candidate divides the level.
    """
    if not ctx.settings.join or not ctx.split.two_stage:
        return []
    found = [ctx.notes.change(change_id) for change_id in pool]
    texts = [c for c in found if c.prompt == state["target"] and not (c.parameter or c.revision or c.aim)][:2]
    return [c.id for c in texts] if len(texts) == 2 and not is_variant(*texts) else []


def keeps_goals(ctx: Wiring, state: State, pair: str) -> bool:
    """Whether two changes in one keep on dev what the app as it is keeps: one alone may, and has a better chance."""
    generation, change = state["generation"], ctx.notes.change(pair)
    dev = {case.id for case in ctx.split.dev}
    arms = baseline_runs(ctx, generation), ctx.journal.load_runs(label_of(generation, change))
    for goal in ctx.notes.goals().goals:
        ends = [scores_of(ctx, goal.metric, ctx.split.dev, [run for run in runs if run.case in dev]) for runs in arms]
        old, new = (stats.summarise(goal.metric, scores).mean for scores in ends)
        if goal.target is None or old is None or new is None or goal.metric == target_metric(ctx, generation):
            continue
        if stats.clears(old, goal, goal.target) and not stats.clears(new, goal, goal.target):
            words = f"together they do not keep the goal on {goal.metric} on dev ({number(new)})"
            note_trial(ctx, state, change, on_dev(ctx, pair), "not chosen", words)
            return False
    return True


def is_variant(one: Change, other: Change) -> bool:
    """Whether both are the same idea said in two ways: of one built-in technique, such as two choices of examples."""
    return one.technique == other.technique and one.proposer == other.proposer in plugins.techniques()


def admitted(ctx: Wiring, results: dict[str, Comparison]) -> list[str]:
    """The ids of what may be confirmed, in that order, with what dev said of each written down."""
    for change_id, result in results.items():
        ctx.notes.put("screened", change_id, result)
    return list(results)


def price(ctx: Wiring, state: State, change: Change) -> tuple[int, int]:
    """What breaks a tie: tokens of the candidate's runs on dev, then the length of its text."""
    calls = [call for run in ctx.journal.load_runs(label_of(state["generation"], change)) for call in run.calls]
    tokens = sum((call.tokens_in or 0) + (call.tokens_out or 0) for call in calls)
    return tokens, sum(len(part) for part in change.new if isinstance(part, str))


def note_trial(ctx: Wiring, state: State, change: Change, result: Comparison | None, stage: str, words: str) -> None:
    """Record where a candidate ended."""
    trial = Trial(state["iteration"] + 1, change, result, stage, words, at=ctx.now())
    ctx.notes.put("trial", f"{change.id}:{stage}", trial)
    ctx.progress.tried(trial)


def title_of(change: Change) -> str:
    """A candidate as people are told of it, with every node that it changes."""
    return f"{change.id} {change.technique} at {change.reach}"


def label_of(generation: int, change: Change) -> str:
    """Name of a candidate's runs: the same change in the same generation is measured once."""
    return str(Label(generation, mark(change.new, change.parameter, change.span)))
