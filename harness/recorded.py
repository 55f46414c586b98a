"""A recorded run as material: its cases, the runs of every version that it measured, and what one run of a case took.

Calls no model and changes nothing. Knows no statistics: whoever reads a record scores and judges it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness import analyse, plugins, settings
from harness.cases import Split, sealing
from harness.errors import Problems, UserError
from harness.journal import Calls, Journal, Label, Notes
from harness.measure import score
from harness.protocols import Metric
from harness.repo import Repo
from harness.runs import every, folder_of, split_of
from harness.types import Case, Goals, Run, Score, Settings, kept_trials


@dataclass(frozen=True, slots=True)
class Record:
    """What a run left that scoring needs."""

    run_id: str
    base: str  # commit of the app as found
    goals: Goals
    split: Split
    versions: Mapping[str, Sequence[Run]]  # runs by title, the app as found first
    settings: Settings  # the run's own, or with the metrics and prices of today

    @property
    def deciding(self) -> Sequence[Case]:
        """The cases that decisions rest on."""
        return self.split.holdout if self.split.two_stage else self.split.dev

    @property
    def cases(self) -> tuple[Case, ...]:
        """Dev, then holdout."""
        return self.split.dev + self.split.holdout

    @property
    def baseline(self) -> Sequence[Run]:
        """Runs of the app as found."""
        return next(iter(self.versions.values()))

    def scores(self, metric: Metric, cases: Sequence[Case], runs: Sequence[Run]) -> list[Score]:
        """Scores of those ``runs`` that belong to ``cases``."""
        by_id = {case.id: case for case in cases}
        chosen = [run for run in runs if run.case in by_id]
        with sealing(self.split.holdout):
            return score(metric, by_id, chosen, plugins.options(self.settings, metric.NAME))


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run of a case takes on the mean, nothing replayed."""

    calls: float
    tokens: float
    usd: float | None  # None = a call is unpriced
    seconds: float
    spends: str = "model calls"  # what is counted as calls


@dataclass(frozen=True, slots=True)
class Cost:
    """What a number of runs of cases takes when nothing is replayed."""

    evaluations: int  # cases run once
    calls: int
    tokens: int
    usd: float | None  # None = a call is unpriced
    seconds: float  # with ``concurrency`` cases in flight, should the endpoint keep the pace
    spends: str = "model calls"  # what is counted as calls


def cost(taken: Taken, evaluations: int, concurrency: int) -> Cost:
    """``evaluations`` times what one takes."""
    return Cost(
        evaluations=evaluations,
        calls=round(taken.calls * evaluations),
        tokens=round(taken.tokens * evaluations),
        usd=None if taken.usd is None else taken.usd * evaluations,
        seconds=taken.seconds * evaluations / concurrency,
        spends=taken.spends,
    )


def read(repo: Repo, run_id: str, *, today: bool) -> Record:
    """What a run measured, with its own metric options and prices, or those of ``today``; cases are those of the run.

    Raises UserError for an unknown run and for one without a measured baseline, Problems for settings that are wrong.
    """
    folder = folder_of(repo, run_id)
    if not (folder / "settings.json").is_file():
        raise UserError(f"no run {run_id!r} in this repository", fix="`harness runs` lists the runs")
    then = settings.loads((folder / "settings.json").read_text("utf-8"))
    with closing(Journal(repo.home / "state.sqlite", run_id)) as journal:
        versions = dict(_versions(journal))
        if not versions:
            raise UserError(f"run {run_id} has no measured baseline", fix=f"finish it first: `harness resume {run_id}`")
        base, goals = str((journal.get("run:start") or {}).get("base", "")), Notes(journal).goals()
    chosen = _of_today(repo.root, then) if today else then
    return Record(run_id, base, goals, split_of(folder / "inputs", repo.root, then), versions, chosen)


def newest_baseline(repo: Repo) -> str:
    """Id of the newest run whose baseline was measured to its end; "" where there is none."""
    for run in reversed(every(repo)):
        with closing(Journal(repo.home / "state.sqlite", run.id)) as journal:
            if Notes(journal).has("summary-all", "0"):
                return run.id
    return ""


@contextmanager
def scoring(record: Record, root: Path) -> Iterator[Mapping[str, Metric]]:
    """The metrics of the record's settings, let go of afterwards. Judges say what is on record and ask nothing."""
    metrics = plugins.metrics(record.settings, root)
    with closing(Calls(Repo.open(root).home / "state.sqlite")) as calls:
        plugins.serve(metrics, plugins.Desk(calls, record.settings, lambda: record.baseline))
        try:
            yield metrics
        finally:
            plugins.release(metrics)


def taken(record: Record) -> Taken:
    """What a run of the app as found takes."""
    nodes = analyse.node_costs(record.baseline, record.settings.prices)
    prices = [node.usd for node in nodes]
    known = [usd for usd in prices if usd is not None]
    counted = [run.seconds for run in record.baseline if not run.lost]
    return Taken(
        calls=sum(node.calls for node in nodes),
        tokens=sum(node.tokens for node in nodes),
        usd=sum(known) if len(known) == len(prices) else None,
        seconds=sum(counted) / max(len(counted), 1),
        spends=record.settings.spends,
    )


def _of_today(root: Path, then: Settings) -> Settings:
    now, findings = settings.read(root, {})
    if findings:
        raise Problems(findings)
    return replace(then, metrics=now.metrics, prices={**then.prices, **now.prices})


def _versions(journal: Journal) -> Iterator[tuple[str, Sequence[Run]]]:
    """(title, runs) of each version whose baseline was measured to its end."""
    notes = Notes(journal)
    kept = [trial.change.id for trial in kept_trials(notes.trials())]
    for generation, title in enumerate(["as found", *(f"after {change}" for change in kept)]):
        if notes.has("summary-all", str(generation)):
            yield title, journal.load_runs(str(Label(generation)))
