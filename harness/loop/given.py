"""One change of the user's own instead of the proposers': it goes through the same steps once, and the run ends."""

from __future__ import annotations

from langgraph.runtime import Runtime

from harness.loop.state import State, Wiring
from harness.types import Change, Span

GIVEN = "given"  # in what was written down at the start of a run: the change to be tried, and no other
_ID = "c01"


def offer(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 8 of such a run: the change as it was given, whatever it touches.

    Every call counts as affected by it, because nothing says which are not: a confirmation draws them all afresh.
    """
    ctx = runtime.context
    said = ctx.notes.get("run", "start", dict)[GIVEN]
    change = Change(
        id=_ID,
        node="app",
        technique=str(said["title"]),
        prompt=", ".join(said["files"]),
        span=Span(str(said["files"][0]), 0, 0, 1, 1),
        old=(),
        new=(str(said["diff"]),),
        why="given by the user",
        proposer="try",
        nodes=("*",),
        revision=str(said["revision"]),
    )
    ctx.notes.put("change", _ID, change)
    return {"candidates": [_ID], "counter": 1}


def decided(state: State, ctx: Wiring) -> State:
    """Step 11 of such a run: it ends when the change has had its turn."""
    if not state["counter"]:
        return {}
    trial = next(trial for trial in ctx.notes.trials() if trial.change.id == _ID)
    return {"stopped": f"the change that was given is {'kept' if trial.stage == 'kept' else 'not kept'}"}
