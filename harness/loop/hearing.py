"""Who is heard, in which order, and what a proposer said: written down, so that a run that goes on hears the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from random import Random

from harness.loop import yields
from harness.loop.asking import asked
from harness.loop.state import State, Wiring
from harness.loop.turns import Turns
from harness.proposers.place import mark
from harness.protocols import Proposer, Spender
from harness.types import Brief, Proposal, Yield

Idea = tuple[str, Proposal]  # NAME of the proposer


def proposals(ctx: Wiring, state: State, brief: Brief) -> Iterator[Idea]:
    """Ideas in the order to be tried, texts tried before and repeats left out.

    Where several proposers were named they take turns by what their ideas were worth so far (``turns``), and none is
    asked, nor paid, before its turn comes.
    """
    seen = set(brief.tried)
    for entry in in_turn(ctx, state, brief):
        if identity(entry[1]) not in seen:
            seen.add(identity(entry[1]))
            yield entry


def in_turn(ctx: Wiring, state: State, brief: Brief) -> Iterator[Idea]:
    """Every idea of everybody."""
    waiting = {name: one_by_one(ctx, state, brief, name) for name in yields.sources(ctx.proposers)}
    if len(waiting) == 1:
        yield from next(iter(waiting.values()))
        return
    step = f"{state['generation']}:{state['rounds']}"
    ctx.notes.put("turns", step, tuple(yields.known(ctx).values()))  # a round that is entered again draws the same
    record = {found.proposer: found for found in ctx.notes.get("turns", step, tuple[Yield, ...])}
    turns = Turns(record, Random(f"{ctx.settings.seed}/{step}/{state['target']}"))
    while waiting:
        name = turns.next(tuple(waiting))
        idea = next(waiting[name], None)
        if idea is None:
            del waiting[name]
        else:
            yield idea


def one_by_one(ctx: Wiring, state: State, brief: Brief, name: str) -> Iterator[Idea]:
    """The ideas of those who share a turn, one of each after the other."""
    own = [proposer for proposer in ctx.proposers if yields.source(proposer.NAME) == name]
    heard = [[(proposer.NAME, idea) for idea in heard_of(ctx, state, proposer, brief)] for proposer in own]
    for row in zip_longest(*heard):
        yield from (entry for entry in row if entry is not None)


def heard_of(ctx: Wiring, state: State, proposer: Proposer, brief: Brief) -> Sequence[Proposal]:
    """What one proposer says, within the budget.

    The model calls that it makes are paid and written down, and so is what came of them: it is asked once.
    """
    if not isinstance(proposer, Spender):
        return asked(proposer, brief, ctx.meter.seconds_left())
    step = f"{state['generation']}:{state['rounds']}:{proposer.NAME}"
    if not ctx.notes.has("ideas", step):
        ctx.notes.put("ideas", step, tuple(paid(ctx, proposer, proposer, brief)))
    return ctx.notes.get("ideas", step, tuple[Proposal, ...])


def paid(ctx: Wiring, proposer: Proposer, spender: Spender, brief: Brief) -> list[Proposal]:
    """Its ideas, its calls booked whatever becomes of it."""
    ctx.meter.check_budget()
    try:
        return asked(proposer, brief, ctx.meter.seconds_left())
    finally:
        for call in spender.drain():
            ctx.meter.pay(call)
            ctx.notes.add_idea_call(call, proposer.NAME)


def identity(proposal: Proposal) -> str:
    """What tells an idea from the others that were tried on the same version."""
    return mark(proposal.parts, proposal.parameter, proposal.place)
