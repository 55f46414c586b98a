"""Where the record stands for a fresh draw: as the control of a confirmation, and as the baseline after a keep."""

from __future__ import annotations

from collections.abc import Sequence

from harness import analyse
from harness.loop import steady
from harness.loop.baseline import all_cases, baseline_arm, baseline_runs, runs_of
from harness.loop.state import Wiring
from harness.types import Call, Run

_LOCAL = ("embedded:", "local:")  # models that run from a file here and cannot drift
_HANDED = "handed on"  # journal step by generation; holds the label of the runs whose calls its baseline replays


def reusable(ctx: Wiring, generation: int) -> bool:
    """Whether the recorded baseline may be the control of a confirmation instead of fresh draws.

    Only for models that cannot drift, and for no metric in seconds: a machine drifts even where a model does not. And
    only where one goal is written: which of several is aimed at was read off these same draws, so that an unluckily
    low baseline would both choose the goal and flatter the change. That the run goes on at all was read off them too;
    this leaves out tests and adds none, so it cannot raise the level.

    Where the app ``repeats`` itself any number of goals will do: no baseline is lucky if a fresh one would be equal.
    """
    goals = ctx.notes.goals().goals
    if len(goals) > 1 or ctx.metrics[goals[0].metric].UNIT == "s":
        return repeats(ctx, generation)
    return pinned(ctx, baseline_runs(ctx, generation))


def pinned(ctx: Wiring, runs: Sequence[Run]) -> bool:
    """Whether the app's models cannot drift: as set, else True when every recorded model is a local one."""
    if ctx.settings.pinned is not None:
        return ctx.settings.pinned
    models = {call.model for run in runs for call in run.calls}
    return bool(models) and all(model.startswith(_LOCAL) for model in models)


def repeats(ctx: Wiring, generation: int) -> bool:
    """Whether the best version answers the same request the same every time: a fresh draw would equal its record.

    So where models cannot drift, every call says temperature 0, replay is on, and no goal is on time, which differs
    where answers do not.
    """
    timed = any(ctx.metrics[goal.metric].UNIT == "s" for goal in ctx.notes.goals().goals)
    if timed or not ctx.settings.replay or steady.why_off(ctx):
        return False
    runs = baseline_runs(ctx, generation)
    return pinned(ctx, runs) and _same_again(runs)


def answers_alike(ctx: Wiring, generation: int, label: str) -> bool:
    """Whether a candidate repeats itself as the version that it changes does, by its dev runs under ``label``.

    It may ask another model: that has to be one that cannot drift, too.
    """
    if not repeats(ctx, generation):
        return False
    runs = ctx.journal.load_runs(label)
    return pinned(ctx, runs) and _same_again(runs)


def hand_on(ctx: Wiring, generation: int, label: str) -> None:
    """Let the next generation's baseline replay what was measured of the kept candidate, if it ``answers_alike``.

    A call with another temperature is never handed on: it would be the luck that the candidate was chosen for. Doing
    it twice changes nothing.
    """
    if not answers_alike(ctx, generation, label):
        return
    ctx.notes.put(_HANDED, str(generation + 1), label)
    arm, most = baseline_arm(ctx, generation + 1), runs_of(ctx, generation + 1)
    for run in (*ctx.journal.load_runs(label), *ctx.journal.load_runs(f"{label}:after")):
        if run.k < most:
            ctx.meter.lay(arm, run.case, run.k, filter(_cold, run.calls))


def handed_on(ctx: Wiring, last: int) -> bool:
    """Whether a baseline up to the generation ``last`` replayed what its candidate had been measured by."""
    return any(ctx.notes.has(_HANDED, str(generation)) for generation in range(1, last + 1))


def to_measure(ctx: Wiring, generation: int, screened: int, confirmed: int) -> int:
    """Runs of the baseline after a keep that make calls: all, but for what is handed on.

    ``screened`` and ``confirmed``: runs per dev and per sealed case that are on record by then.
    """
    most = runs_of(ctx, generation + 1)
    if not repeats(ctx, generation):
        return len(all_cases(ctx)) * most
    return len(ctx.split.dev) * max(0, most - screened) + len(ctx.split.holdout) * max(0, most - confirmed)


def _same_again(runs: Sequence[Run]) -> bool:
    """Whether all calls are made at temperature 0, and no request on record has had two answers."""
    calls = [call for run in runs for call in run.calls]
    if not calls or not all(map(_cold, calls)):
        return False
    answers: dict[str, str] = {}
    told = (
        (repr((call.model, call.messages, call.parameters)), repr(analyse.whole_reply(call)))
        for call in calls
        if not call.error
    )
    return all(answers.setdefault(asked, text) == text for asked, text in told)


def _cold(call: Call) -> bool:
    return call.parameters.get("temperature") == 0 and not call.over_http
