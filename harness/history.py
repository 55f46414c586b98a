"""One run as far as it is recorded, finished or not: goals, candidates, decisions, spend, and the calls of one case.

Reads the journal and nothing else; starts nothing and loads neither langgraph nor git. Knows nothing of which cases are
sealed: who asks for a case must know that it may be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.errors import UserError
from harness.journal import FINISHED, Journal, Label, Notes, RunInfo
from harness.journal.codec import from_json
from harness.measure import spent
from harness.prices import Prices
from harness.proposers.place import mark
from harness.types import Change, Goal, Outcome, Run, Spend, Summary, Trial, kept_trials


@dataclass(frozen=True, slots=True)
class Standing:
    """One goal, on the cases that decide."""

    goal: Goal
    before: Summary | None  # of the app as found; None until it is measured
    now: Summary | None  # of the best version measured so far
    state: str  # met, reached, missed or unknown; "" until the run is finished


@dataclass(frozen=True, slots=True)
class History:
    """One run."""

    info: RunInfo
    base: str  # commit tuned; "" when the run was killed before it began
    stopped: str  # why it ended, "" when it has not
    generation: int  # newest version with a baseline, 0 = the app as found; -1 = none yet
    goals: tuple[Standing, ...]
    trials: tuple[Trial, ...]  # in the order of the change ids
    waiting: tuple[Change, ...]  # proposed, without an end yet
    spend: Spend  # its seconds are 0 until the run is finished
    phases: Mapping[str, float]  # seconds by phase; {} until the run is finished
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the app on one case."""

    title: str
    runs: tuple[Run, ...]  # by run index


def read(record: Journal, info: RunInfo, prices: Prices) -> History:
    """Everything that is recorded of a run. Raises RepoError when the record fails."""
    notes = Notes(record)
    start = record.get("run:start") or {}
    outcome = notes.outcome() if notes.has("outcome", "end") else None
    trials = notes.trials()
    tried = {trial.change.id for trial in trials}
    return History(
        info=info,
        base=str(start.get("base", "")),
        stopped=next((str(event.data["stopped"]) for event in record.read(FINISHED)), ""),
        generation=_measured(notes),
        goals=tuple(_goals(notes, outcome)),
        trials=trials,
        waiting=tuple(change for change in _changes(record) if change.id not in tried),
        spend=outcome.spend if outcome else spent(record.all_runs(), prices),
        phases=outcome.phases if outcome else {},
        warnings=tuple(start.get("warnings", ())),
    )


def candidate(history: History, change_id: str) -> Trial | Change:
    """A candidate with its end, or as proposed while it has none. Raises UserError that lists the ids."""
    by_id: dict[str, Trial | Change] = {change.id: change for change in history.waiting}
    by_id |= {trial.change.id: trial for trial in history.trials}
    if change_id not in by_id:
        known = f"its candidates: {', '.join(by_id)}" if by_id else "no change was tried in it"
        raise UserError(f"run {history.info.id} has no candidate {change_id!r}", fix=known)
    return by_id[change_id]


def versions(record: Journal, history: History, case: str, change: Change | None) -> tuple[Version, ...]:
    """A case before and after: the app as found and the last version kept, or ``change`` and what it was tried on.

    Only the versions that were measured on the case; of a change none where it was refused before it ran.
    """
    by_label: dict[str, list[Run]] = {}
    for label, run in record.runs_of(case):
        by_label.setdefault(label, []).append(run)
    last = max(history.generation, 0)
    if change is None:
        shown = {str(Label(g)): _kept_so_far(history, g) for g in (0, last)}
    else:
        labels = {g: str(Label(g, mark_of(change))) for g in range(last + 1)}
        on = max((g for g, label in labels.items() if label in by_label), default=0)
        shown = {str(Label(on)): _kept_so_far(history, on), labels[on]: f"with {change.id}"}
    found = ((title, by_label.get(label, [])) for label, title in shown.items())
    return tuple(Version(title, tuple(sorted(runs, key=lambda run: run.k))) for title, runs in found if runs)


def mark_of(change: Change) -> str:
    """What tells the runs of a change from those of others on the same version."""
    return mark(change.new, change.parameter, change.span)


def _kept_so_far(history: History, generation: int) -> str:
    kept = [trial.change.id for trial in kept_trials(history.trials)][:generation]
    return f"with {' and '.join(kept)}" if kept else "the app as found"


def _measured(notes: Notes) -> int:
    generation = -1
    while notes.has("summary-all", str(generation + 1)):
        generation += 1
    return generation


def _goals(notes: Notes, outcome: Outcome | None) -> Iterator[Standing]:
    if outcome is not None:
        yield from (Standing(r.goal, r.initial, r.final, r.state) for r in outcome.results)
        return
    if not notes.has("goals", "read"):
        return
    last = _measured(notes)
    for goal in notes.goals().goals:
        yield Standing(goal, _summary(notes, goal.metric, 0), _summary(notes, goal.metric, last), "")


def _summary(notes: Notes, metric: str, generation: int) -> Summary | None:
    """On the holdout, on all cases where there is none; None where the version was not measured."""
    for part in ("holdout", "all"):
        if notes.has(f"summary-{part}", str(generation)):
            rows = [s for s in notes.summaries(part, generation) if s.metric == metric and s.n + s.unscored]
            if rows:
                return rows[0]
    return None


def _changes(record: Journal) -> Iterator[Change]:
    return (from_json(Change, event.data) for event in record.read("change"))
