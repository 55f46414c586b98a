"""What it would have taken to go on: one clause for each way in which a run stops. Decides nothing, spends nothing."""

from __future__ import annotations

import math

from harness import analyse, figures, stats
from harness.loop.baseline import baseline_runs, deciding_cases
from harness.loop.state import Wiring
from harness.types import Trial

_SEALED = 60  # cases that a holdout has at least
_OF_FILE = 1.5  # new cases of the file for each one that is sealed: a third of them goes to dev


def beyond_budget(ctx: Wiring, generation: int) -> str:
    """What the next confirmation takes at most, by what the newest measured baseline took; "" where none is."""
    runs = next(filter(None, (baseline_runs(ctx, g) for g in range(generation, -1, -1))), [])
    counted = [run for run in runs if not run.lost]
    if not counted:
        return ""
    nodes = analyse.node_costs(counted, ctx.settings.prices)
    evaluations = 2 * len(deciding_cases(ctx)) * ctx.settings.runs
    calls = round(math.fsum(node.calls for node in nodes) * evaluations)
    took = math.fsum(run.seconds for run in counted) / len(counted) * evaluations / ctx.settings.concurrency
    usd = math.fsum(node.usd or 0.0 for node in nodes) if all(node.usd is not None for node in nodes) else 0.0
    money = f", {figures.number(usd * evaluations)} USD" if usd else ""
    spends = ctx.settings.spends
    return f"; the next confirmation takes up to {calls:,} more {spends}{money}, about {figures.duration(took)}"


def beyond_holdout(ctx: Wiring) -> str:
    """How many fresh cases a further confirmation takes."""
    if not ctx.split.two_stage:
        return f": to go on takes {len(ctx.split.dev)} fresh cases in place of these"
    same = len(ctx.split.holdout)
    lines = math.ceil(_OF_FILE * same) if not ctx.settings.holdout else same
    least = f"{_SEALED} or more fresh holdout cases" + (f", {same} for the same power" if same > _SEALED else "")
    return f": to go on takes {least} (about {lines} new cases in the file for {same})"


def beyond_cap(ctx: Wiring, *, left: bool) -> str:
    """What is left of the holdout when a run has used its iterations."""
    if left:
        return "; this holdout has error level left: a new run goes on, `--max-iterations` lets it try more"
    return f"; the error level of this holdout is spent with it{beyond_holdout(ctx)}"


def beyond_ideas(ctx: Wiring) -> str:
    """What would have brought another candidate to the holdout."""
    own = "; an idea of your own goes on with --proposer file.py:function"
    near = [(needed, trial) for trial in ctx.notes.trials() if (needed := _lacked(ctx, trial))]
    if not near:
        return own
    needed, best = min(near, key=lambda entry: entry[0])
    gain = "" if best.screen is None else figures.difference(best.screen.gain, ctx.metrics[best.screen.metric].UNIT)
    return (
        f"{own}; the nearest one, {best.change.id} ({gain} on dev), would pass the screen on about {needed} dev cases, "
        "should its gain hold"
    )


def _lacked(ctx: Wiring, trial: Trial) -> int | None:
    """Dev cases on which what was screened out would have passed; None for what ended elsewhere or never would."""
    if trial.stage != "screened out" or trial.screen is None:
        return None
    return stats.units_to_admit(trial.screen, share=ctx.metrics[trial.screen.metric].UNIT == "")
