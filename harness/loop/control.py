"""Whether the recorded baseline may stand in for fresh draws as the control of a confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from harness.loop.baseline import baseline_runs, target_metric
from harness.loop.state import Wiring
from harness.types import Run

_LOCAL = ("embedded:", "local:")  # models that run from a file here and cannot drift


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
