"""Single changes put together on dev, the total confirmed once (``compose``): what was best so far is built upon.

A round proposes changes of the best candidate's text. What comes of them is one change of the prompt as found, which
names its ``parents``: every step was measured on dev, the whole alone is put to the holdout. Dev spends no error level,
so any number of rounds may come first. With a budget of calls a round is no larger than leaves room for the rest.
Knows how far to go, nothing of how a candidate is measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness import analyse, discover
from harness.loop.ahead import better_part
from harness.loop.baseline import baseline_runs, record, round_size, scores_of, target_metric
from harness.loop.state import State, Wiring
from harness.types import Brief, Case, Change

_PART = 10  # cases of the smallest part that says anything about a candidate
BUILT_UPON = 0.07  # least promise of what is built upon: less than a confirmation asks (docs/decisions/0003)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage of the screen asks of a candidate."""

    cases: tuple[Case, ...]
    runs: int  # per case, those of earlier stages counted


def composes(ctx: Wiring) -> bool:
    """Whether candidates build on one another. Never without sealed cases: there every candidate divides the level."""
    return ctx.settings.compose > 0 and ctx.split.two_stage


def stages(ctx: Wiring, runs: int) -> list[Stage]:
    """The screen: run after run, so that what cannot win is dropped early.

    Where candidates build on one another, the first run begins with a quarter and half of the cases.
    """
    whole = [Stage(ctx.split.dev, k) for k in range(1, runs + 1)]
    if not composes(ctx):
        return whole
    order = sorted(ctx.split.dev, key=lambda case: _lot(ctx.settings.seed, case.id))
    sizes = [size for size in (len(order) // 4, len(order) // 2) if size >= _PART]
    return [*(Stage(tuple(order[:size]), 1) for size in sizes), *whole]


def _lot(seed: int, case: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{case}".encode()).digest()


def added(plan: Sequence[Stage]) -> list[int]:
    """Runs of one candidate that each stage adds."""
    totals = [len(stage.cases) * stage.runs for stage in plan]
    return [total - before for before, total in zip([0, *totals], totals, strict=False)]


def size(ctx: Wiring, state: State, plan: Sequence[Stage], reserve: int) -> int:
    """Candidates of the next round; where they build on one another no more than the budget of calls has room for.

    ``reserve``: runs that must stay possible after it. A first round has one candidate at least.
    """
    most = round_size(ctx)
    if not composes(ctx):
        return most
    most = min(most, ctx.settings.per_round)
    while most and not affords(ctx, state["generation"], _runs(plan, most) + reserve):
        most -= 1
    return most if state["stem"] else max(most, 1)


def affords(ctx: Wiring, generation: int, runs: int) -> bool:
    """Whether the budget of calls has room for so many runs, at the calls that a run of the baseline made."""
    limit = ctx.settings.budget.calls
    if limit is None:
        return True
    known = baseline_runs(ctx, generation)
    calls = sum(len(run.calls) for run in known) / max(len(known), 1)
    return ctx.meter.spend.calls + calls * runs <= limit


def _runs(plan: Sequence[Stage], candidates: int) -> int:
    """Runs of a round at most."""
    total = 0
    for runs in added(plan):
        total += candidates * runs
        candidates = better_part(candidates)
    return total


def stem(ctx: Wiring, order: Sequence[str], target: str) -> str:
    """Id of the first of ``order`` that can be built upon: a text of the prompt in work. "" for none."""
    found = (ctx.notes.change(change_id) for change_id in order)
    return next((c.id for c in found if c.prompt == target and not c.parameter and not c.revision), "")


def upon(ctx: Wiring, state: State, brief: Brief, label: str) -> Brief:
    """The brief as it reads when the stem's text stands in the prompt; ``label`` names the stem's runs on dev."""
    prompt = replace(brief.prompt, parts=ctx.notes.change(state["stem"]).new)
    runs = ctx.journal.load_runs(label)
    scores = scores_of(ctx, target_metric(ctx, state["generation"]), ctx.split.dev, runs)
    seen = analyse.observe(brief.node, prompt, record(ctx, runs, scores), discover.fill)
    past = tuple(replace(one, parts=()) for one in brief.past)  # they began elsewhere
    return replace(brief, prompt=prompt, observations=seen, past=past)


def composed(base: Change, change: Change) -> Change:
    """``change``, which began at the text of ``base``, under the names of all it is made of."""
    parts = dict.fromkeys([*base.technique.split(" + "), *change.technique.split(" + ")])
    return replace(change, technique=" + ".join(parts), parents=(*base.parents, base.id))
