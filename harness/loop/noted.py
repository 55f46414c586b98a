"""A candidate in the record: under which name its runs are kept, what people call it, where it ended."""

from __future__ import annotations

from harness.journal import Label
from harness.loop.state import State, Wiring
from harness.proposers.place import mark
from harness.types import Change, Comparison, Trial


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
