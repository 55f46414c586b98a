"""Between screen and confirmation: the two most promising changes of a round in one text, measured on dev as any other.

Each may be too small for the holdout to show, and both together not (docs/decisions/0002). A change that is likelier
than not to be shown is asked alone first. The pair is one change that names its ``parents``; it takes its place among
the others by what dev says of it, and is confirmed as a whole.
"""

from __future__ import annotations

from langgraph.runtime import Runtime

from harness import changes
from harness.loop.compose import added, affords
from harness.loop.hearing import identity
from harness.loop.propose import bound, make_brief
from harness.loop.state import State, Wiring
from harness.loop.trial import confirming, course
from harness.proposers import combination
from harness.types import Proposal


def join(state: State, runtime: Runtime[Wiring]) -> State:
    """Step 8 once more: the pair of this round as its only candidate; none where the two cannot stand together.

    None either where it would take the calls that are left for a confirmation.
    """
    ctx = runtime.context
    after: State = {"pair": [], "candidates": []}
    runs = sum(added(course(ctx, state))) + confirming(ctx, state["generation"])
    pair = proposed(ctx, state) if affords(ctx, state["generation"], runs) else None
    if pair is None or identity(pair) in state["tried"]:
        return after
    counter = state["counter"] + 1
    try:
        change = bound(ctx, state, make_brief(state, ctx), pair, f"c{counter:02d}", combination.NAME)
    except changes.Refused:
        return after  # each of its parts has its own turn
    ctx.notes.put("change", change.id, change)
    return {**after, "candidates": [change.id], "counter": counter, "tried": [*state["tried"], identity(pair)]}


def proposed(ctx: Wiring, state: State) -> Proposal | None:
    """Both in one text; None where nothing comes of it."""
    first, second = (ctx.notes.change(change_id) for change_id in state["pair"])
    prompt = next(p for p in ctx.notes.discovery(state["generation"]).prompts if p.id == first.prompt)
    found = combination.merged(prompt.parts, first.new, second.new)
    words = f"{first.id} and {second.id}, the most promising of their round on dev, in one text"
    if combination.meet(prompt.parts, first.new, second.new):
        words += "; where both changed the same lines, those of one stand"
    names = dict.fromkeys((first.technique, second.technique))
    return Proposal(" + ".join(names), found[0], words, parents=(first.id, second.id)) if found else None
