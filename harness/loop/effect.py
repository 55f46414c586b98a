"""Whether anything shows that the app works with a change: its recorded calls, or what an external command said."""

from __future__ import annotations

from collections.abc import Sequence

from harness import changes, discover, external
from harness.loop.baseline import baseline_runs, target_metric
from harness.loop.state import Wiring
from harness.types import Change, Run, text_of


def missing_sign(ctx: Wiring, generation: int, change: Change, runs: Sequence[Run]) -> str:
    """Why nothing shows that the app works with the change, "" where something does."""
    if not ctx.settings.external:
        if took_effect(change, runs):
            return ""
        return "no call was made with it" if change.parameter else "the new text never reached the model"
    timed = target_metric(ctx, generation).startswith("latency")
    if change.revision or not external.same_results(baseline_runs(ctx, generation), runs, timed=timed):
        return ""
    return "every case has the same result as before: nothing shows that the command reads the new text"


def took_effect(change: Change, runs: Sequence[Run]) -> bool:
    """Whether the recorded calls show the new text, or the new value of a parameter."""
    calls = [call for run in runs for call in run.calls]
    if change.revision:
        return True  # it may change what no call shows
    if change.parameter == changes.SAMPLES:
        return discover.repeated(int(changes.new_number(change)), [run.calls for run in runs], change.nodes)
    if change.parameter == changes.MODEL:
        return discover.answered(text_of(change.new), calls, change.nodes)
    if change.parameter:
        return discover.invoked(change.parameter, changes.new_number(change), calls, change.nodes)
    return discover.reached(change.new, calls, change.node)
