"""Phase 2, baseline: steps 5 and 6. Entered again after every kept change, for a baseline that is drawn afresh."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from langgraph.runtime import Runtime

from harness import analyse, discover, external, goals, levels, plugins, stats
from harness.errors import AppError
from harness.journal import Label
from harness.loop import steady, told
from harness.loop.causes import analysed
from harness.loop.state import State, Wiring
from harness.measure import Arm, score
from harness.types import Case, Discovery, Goal, Goals, Observation, Profile, Run, Score, Summary

_FIRST = 8  # cases run once before all others: an app that fails on every one of them is not paid for on all


def base_of(ctx: Wiring, generation: int) -> str:
    """Replay key of a generation's draws: later runs share those of the app as found, unless ``fresh`` is set."""
    shared = generation == 0 and not ctx.settings.fresh
    return f"seed {ctx.settings.seed}" if shared else f"{ctx.run_id}:g{generation}"


def baseline_arm(ctx: Wiring, generation: int) -> Arm:
    """The arm under which the best version so far is measured."""
    name = str(Label(generation))
    title = "baseline" if generation == 0 else f"baseline after {generation} kept"
    base = base_of(ctx, generation)
    return Arm(title=title, label=name, base=base, draw=name, shelf=base)


def all_cases(ctx: Wiring) -> tuple[Case, ...]:
    """Dev, then holdout."""
    return ctx.split.dev + ctx.split.holdout


def deciding_cases(ctx: Wiring) -> tuple[Case, ...]:
    """The cases that decisions and claims rest on."""
    return ctx.split.holdout if ctx.split.two_stage else ctx.split.dev


def scores_of(ctx: Wiring, metric: str, cases: Sequence[Case], runs: Sequence[Run]) -> list[Score]:
    """Scores of those runs that belong to ``cases``."""
    by_id = {case.id: case for case in cases}
    chosen = [run for run in runs if run.case in by_id]
    return score(ctx.metrics[metric], by_id, chosen, plugins.options(ctx.settings, metric))


def summaries(ctx: Wiring, cases: Sequence[Case], runs: Sequence[Run]) -> tuple[Summary, ...]:
    """One Summary for each metric that is measured here."""
    return tuple(stats.summarise(name, scores_of(ctx, name, cases, runs)) for name in measured(ctx))


def measured(ctx: Wiring) -> tuple[str, ...]:
    """NAMEs of the metrics that this run measures."""
    return plugins.measured(ctx.metrics, ctx.settings, ctx.notes.goals())


def baseline_runs(ctx: Wiring, generation: int) -> list[Run]:
    """The recorded runs of a generation's baseline."""
    return ctx.journal.load_runs(str(Label(generation)))


def measure_baseline(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 5: the best version so far on every case, ``runs`` times."""
    ctx = runtime.context
    generation = state["generation"]
    with ctx.current(state["best"]) as app:
        arm = baseline_arm(ctx, generation)
        ctx.progress.ahead(len(all_cases(ctx)) * runs_of(ctx, generation))
        first = replace(arm, title=f"{arm.title}, first cases")
        few = None if ctx.settings.external else _FIRST  # a command is started once, whatever it is asked
        began = ctx.meter.measure(app, first, all_cases(ctx)[:few], range(1))
        refuse_if_all_failed(began)
        try_metrics(ctx, began)
        if generation == 0:
            steady.settle_replay(ctx, app, arm, began)
        runs = ctx.meter.measure(app, arm, all_cases(ctx), range(runs_of(ctx, generation)))
    refuse_if_all_failed(runs)
    parts = {"dev": ctx.split.dev, "all": all_cases(ctx), "holdout": ctx.split.holdout}
    for part, cases in parts.items():
        ctx.notes.put(f"summary-{part}", str(generation), summaries(ctx, cases, runs))
    ctx.notes.put("profile", str(generation), profile_of(ctx, runs))
    if generation == 0:
        means = {s.metric: s.mean for s in ctx.notes.summaries(ctx.deciding, 0) if s.mean is not None}
        resolved = goals.resolve(ctx.notes.goals(), means)
        ctx.notes.put("goals", "resolved", resolved)
        for sentence in found_in_baseline(ctx):
            ctx.progress.note(sentence)
    return {}


def try_metrics(ctx: Wiring, runs: Sequence[Run]) -> None:
    """Ask every metric about the first runs: one that raises is told before the others are paid for.

    Raises UserError for a goal on a number that the results of a command never tell.
    """
    told.refuse_untold(ctx, {name: scores_of(ctx, name, all_cases(ctx), runs) for name in measured(ctx)})


def found_in_baseline(ctx: Wiring) -> tuple[str, ...]:
    """What the app as found showed that a reader must know: runs that failed, goals out of reach, calls made again."""
    shares = [name for name, metric in ctx.metrics.items() if metric.UNIT == ""]
    profile = ctx.notes.get("profile", "0", Profile)
    failed = sum(error.runs for error in profile.errors)
    kinds = ", ".join(f"{error.runs} with {error.type} ({error.kind})" for error in profile.errors)
    words = (f"{failed} of {profile.runs} runs of the app as found failed: {kinds}",) if failed else ()
    calls = (call for run in baseline_runs(ctx, 0) for call in run.calls)
    beside = ", ".join(sorted({call.node or "outside the graph" for call in calls if call.over_http}))
    again = f"{beside}: model calls over HTTP beside LangChain are measured, never replayed; every arm makes its own"
    unshared = (
        *([again] if beside else []),
        *filter(None, [steady.why_off(ctx)]),
        *told.limits(ctx, baseline_runs(ctx, 0)),
    )
    return (*words, *goals.unreachable(ctx.notes.goals(), shares), *unshared)


def runs_of(ctx: Wiring, generation: int) -> int:
    """Runs per case of a baseline: all at first, fewer after a kept change, whose gain a confirmation has measured."""
    return ctx.settings.few_runs if generation else ctx.settings.runs


def settled(ctx: Wiring, generation: int) -> bool:
    """Whether every run of a case scored the same on every goal's metric: then one run of a case says it all.

    The level of a decision does not depend on the number of runs, so an app that only looked steady costs power alone.
    """
    runs = baseline_runs(ctx, generation)
    if len({run.k for run in runs}) < 2:
        return False
    return all(agreed(scores_of(ctx, goal.metric, all_cases(ctx), runs)) for goal in ctx.notes.goals().goals)


def agreed(scores: Sequence[Score]) -> bool:
    """Whether each case has one value over all of its runs."""
    values: dict[str, object] = {}
    told = ((found.case, (found.value, found.record)) for found in scores)
    return all(values.setdefault(case, value) == value for case, value in told)


def round_size(ctx: Wiring) -> int:
    """Candidates screened in one round."""
    return levels.per_round(ctx.settings, two_stage=ctx.split.two_stage)


def profile_of(ctx: Wiring, runs: Sequence[Run]) -> Profile:
    """Percentiles, throughput, errors and classes of one version, over all cases; by class on dev alone."""
    dev = {case.id for case in ctx.split.dev}
    fields = plugins.places(ctx.settings)
    found = analyse.profile(all_cases(ctx), runs, dev, fields, ctx.settings.concurrency)
    return replace(found, throughput=None) if ctx.settings.external else found  # how many at a time nobody knows


def refuse_if_all_failed(runs: Sequence[Run]) -> None:
    """Raise AppError, with the commonest fault, when no run gave an output: that is no score of 0."""
    faults = [run.fault for run in runs if run.fault is not None]
    if len(faults) < len(runs) or not runs:
        return
    (kind, name, message), count = Counter((f.kind, f.type, f.message) for f in faults).most_common(1)[0]
    first = next(f for f in faults if f.type == name)
    raise AppError(
        f"all {len(runs)} runs failed, so nothing can be measured; {count} of them with {name} ({kind}): {message}"
        f"\n{first.traceback}".rstrip(),
        fix="run the app by hand on one case; `harness check --import` starts a graph the way a run does",
    )


def study(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 6: which text really reached the models, what fails, what each node costs, what to do first."""
    ctx = runtime.context
    generation = state["generation"]
    runs = baseline_runs(ctx, generation)
    dev_ids = {case.id for case in ctx.split.dev}
    dev_runs = [run for run in runs if run.case in dev_ids]
    found = ctx.notes.discovery(generation)
    if not ctx.settings.external:
        found = discover.confirm(found, (call for run in runs for call in run.calls))
    ctx.notes.put("proved", str(generation), found)
    metric = target_metric(ctx, generation)
    unit = ctx.metrics[metric].UNIT
    scores = scores_of(ctx, metric, ctx.split.dev, dev_runs)
    patterns = analyse.failures(record(ctx, dev_runs, scores))
    ctx.notes.put("failures", str(generation), told.failures(ctx, patterns, dev_runs, scores))
    costs = analyse.node_costs(dev_runs, ctx.settings.prices)
    ctx.notes.put("costs", str(generation), costs)
    wanted = state["baseline_only"] or open_goals(ctx, ctx.notes.goals(), generation)
    again = state["best"] if wanted and generation == 0 else ""
    ctx.notes.put("analysis", str(generation), analysed(ctx, again, record(ctx, dev_runs, scores), costs, metric))
    seen, known = observations(ctx, found, dev_runs, scores), tuple(plugins.techniques().values())
    ctx.notes.put("targets", str(generation), analyse.targets(found, seen, costs, known, unit))
    if generation == 0:
        write_baseline(ctx, dev_runs)
    if state["baseline_only"]:
        ctx.end("only the baseline was asked for")
    return {}


def write_baseline(ctx: Wiring, runs: Sequence[Run]) -> None:
    """summary.json over all cases, run_1.json ... run_k.json (F6) with a row per dev case: the holdout is sealed."""
    folder = ctx.places.folder / "baseline"
    folder.mkdir(parents=True, exist_ok=True)
    table = {summary.metric: asdict(summary) for summary in ctx.notes.summaries("all", 0)}
    (folder / "summary.json").write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    scores = [found for name in measured(ctx) for found in scores_of(ctx, name, ctx.split.dev, runs)]
    for k in sorted({run.k for run in runs}):
        page = analyse.run_file([run for run in runs if run.k == k], [found for found in scores if found.k == k])
        (folder / f"run_{k + 1}.json").write_text(json.dumps(page, indent=2) + "\n", encoding="utf-8")


def observations(
    ctx: Wiring, found: Discovery, dev_runs: Sequence[Run], scores: Sequence[Score]
) -> Mapping[str, tuple[Observation, ...]]:
    """What proposers and analysis may see, by prompt id: dev cases only, prompts whose text was seen only."""
    nodes = {node.name: node for node in found.nodes}
    known = record(ctx, dev_runs, scores)
    seen = {}
    for prompt in found.prompts:
        if not prompt.is_editable or not prompt.nodes:
            continue
        if ctx.settings.external:
            seen[prompt.id] = external.observations(prompt, ctx.split.dev, dev_runs, scores)
        else:
            node = nodes[prompt.nodes[0]]
            seen[prompt.id] = analyse.observe(node, prompt, known, discover.fill)
    return seen


def record(ctx: Wiring, dev_runs: Sequence[Run], scores: Sequence[Score]) -> analyse.Record:
    """The dev runs, with their cases and where these look for what they expect."""
    return analyse.Record(ctx.split.dev, dev_runs, scores, plugins.places(ctx.settings))


def target_metric(ctx: Wiring, generation: int) -> str:
    """Metric of the first goal that the best version does not meet; the first goal when all are met."""
    wanted = ctx.notes.goals()
    return next((g.metric for g in open_goals(ctx, wanted, generation)), wanted.goals[0].metric)


def open_goals(ctx: Wiring, wanted: Goals, generation: int) -> tuple[Goal, ...]:
    """Goals not yet where ``until`` asks for, on the deciding cases, in the order written."""
    states = {goal.metric: goal_state(ctx, goal, generation) for goal in wanted.goals}
    return goals.unmet(wanted, states, ctx.settings.until)


def goal_state(ctx: Wiring, goal: Goal, generation: int) -> goals.State:
    """met, reached, missed or unknown, on the deciding cases of a generation's baseline."""
    summary = next(s for s in ctx.notes.summaries(ctx.deciding, generation) if s.metric == goal.metric)
    return goals.state(goal, summary, bound_of(ctx, goal, generation))


def bound_of(ctx: Wiring, goal: Goal, generation: int) -> float | None:
    """What `stats.bound` says of a baseline that is measured; asked at every step, so it is kept."""
    key = (goal.metric, generation)
    if key not in ctx.bounds:
        scores = scores_of(ctx, goal.metric, deciding_cases(ctx), baseline_runs(ctx, generation))
        ctx.bounds[key] = stats.bound(scores, goal.direction)
    return ctx.bounds[key]
