"""Phase 2 where a command evaluates: what its results lack, which cases it calls wrong, what they cannot show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness import external
from harness.errors import UserError
from harness.loop.state import Wiring
from harness.types import FailurePattern, Run, Score


def refuse_untold(ctx: Wiring, scores: Mapping[str, Sequence[Score]]) -> None:
    """Raise UserError for a goal on a number that the results never tell; ``scores`` by metric are of the first run."""
    for goal in ctx.notes.goals().goals if ctx.settings.external else ():
        reasons = [found.reason for found in scores[goal.metric] if found.value is None]
        if len(reasons) == len(scores[goal.metric]):
            words = f"no case has a value for the goal on {goal.metric}: {reasons[0]}"
            fix = f"write a number {goal.metric!r} into the rows of the results, or take the goal out"
            raise UserError(words, where=goal.where, fix=fix)


def failures(
    ctx: Wiring, found: tuple[FailurePattern, ...], runs: Sequence[Run], scores: Sequence[Score]
) -> tuple[FailurePattern, ...]:
    """``found`` and, of the dev cases that are in none of them, those that the command calls wrong."""
    if not ctx.settings.external or any(score.unit for score in scores):
        return found
    named = {case for pattern in found for case in pattern.cases}
    return (*found, *external.failures([case for case in ctx.split.dev if case.id not in named], runs, scores))


def limits(ctx: Wiring, runs: Sequence[Run]) -> tuple[str, ...]:
    """What a command cannot show, and what its results lack, in sentences; () for a graph."""
    if not ctx.settings.external:
        return ()
    return tuple(external.told_limits(ctx.notes.discovery(0), ctx.notes.goals(), ctx.split.dev, runs))
