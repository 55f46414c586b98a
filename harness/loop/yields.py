"""What came of the ideas of each proposer, counted from the journal: of this run, and of those before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from harness import journal, plugins
from harness.journal import Journal, Notes
from harness.loop.noted import label_of
from harness.loop.state import Wiring
from harness.loop.turns import added
from harness.proposers import combination
from harness.protocols import Proposer
from harness.types import Trial, Yield

BUILTIN = plugins.BUILTIN
EARLIER = "yields"  # in what was written down at the start of a run: the records of the runs before it


def source(proposer: str) -> str:
    """Who takes a turn: the built-in techniques together, every other proposer alone."""
    return BUILTIN if proposer in plugins.techniques() else proposer


def sources(proposers: Sequence[Proposer]) -> tuple[str, ...]:
    """All who take turns, in the order named."""
    return tuple(dict.fromkeys(source(proposer.NAME) for proposer in proposers))


def counted(ctx: Wiring) -> dict[str, Yield]:
    """The record of each proposer in this run, by name."""
    trials = ctx.notes.trials()
    passed = {event.step.partition(":")[2] for event in ctx.journal.read("screened")}
    asked = Counter(source(call.node) for call in ctx.notes.idea_calls())
    measured = Counter[str]()
    of = {trial.change.id: owners(trial, trials) for trial in trials}
    for trial in trials:
        calls = _calls(ctx, trial, trials)
        for name in of[trial.change.id]:
            measured[name] += calls
    return {
        name: _counted(name, [t for t in trials if name in of[t.change.id]], passed, asked, measured)
        for name in sources(ctx.proposers)
    }


def owners(trial: Trial, trials: Sequence[Trial]) -> frozenset[str]:
    """Whose idea a candidate is: of two in one text that of the proposers of both."""
    change = trial.change
    if change.proposer != combination.NAME or not change.parents:
        return frozenset({source(change.proposer)})
    return frozenset(source(one.change.proposer) for one in trials if one.change.id in change.parents)


def _counted(
    name: str, trials: Sequence[Trial], passed: set[str], asked: Mapping[str, int], measured: Mapping[str, int]
) -> Yield:
    kept = [trial for trial in trials if trial.stage == "kept"]
    gains = [t.decision.comparison.gain or 0.0 for t in kept if t.decision and not t.change.aim]
    return Yield(
        proposer=name,
        tried=sum(trial.stage != "refused" for trial in trials),
        refused=sum(trial.stage == "refused" for trial in trials),
        passed=sum(trial.change.id in passed for trial in trials),
        kept=len(kept),
        gain=sum(gains),
        asked=asked[name],
        measured=measured[name],
    )


def _calls(ctx: Wiring, trial: Trial, trials: Sequence[Trial]) -> int:
    """Model calls in the dev runs of a candidate. Replayed ones count: a run that was interrupted replays more."""
    if trial.stage == "refused":
        return 0
    generation = sum(one.stage == "kept" and one.iteration < trial.iteration for one in trials)
    return sum(len(run.calls) for run in ctx.journal.load_runs(label_of(generation, trial.change)))


def known(ctx: Wiring) -> dict[str, Yield]:
    """The record of each proposer, earlier runs of this repository included."""
    start = ctx.notes.get("run", "start", dict).get(EARLIER, {})
    past = {name: Yield(**row) for name, row in start.items()}
    return {name: added(past.get(name, Yield(name)), found) for name, found in counted(ctx).items()}


def earlier(record: Path, lock: Path) -> Mapping[str, Yield]:
    """The records that finished runs left, in sum; none where there is no record yet."""
    found: dict[str, Yield] = {}
    for info in journal.runs(record, lock):
        with closing(Journal(record, info.id)) as opened:
            notes = Notes(opened)
            rows = notes.get(EARLIER, "end", tuple[Yield, ...]) if notes.has(EARLIER, "end") else ()
        for row in rows:
            found[row.proposer] = added(found.get(row.proposer, Yield(row.proposer)), row)
    return found
