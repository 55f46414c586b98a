"""Recorded runs scored again under metrics of today: what a run would have shown, had it been asked.

Calls no model and changes nothing: no record, no decision, no report. Of the sealed holdout it tells totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from harness import analyse, plugins, settings, stats
from harness.cases import Split
from harness.errors import Problems, UserError
from harness.journal import Journal, Label, Notes
from harness.measure import score
from harness.protocols import Metric
from harness.repo import Repo
from harness.runs import folder_of, newest, split_of
from harness.types import Case, Comparison, Profile, Run, Score, Settings, Summary


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one version of the app, on the cases that decide and on dev."""

    metric: str
    unit: str
    version: str  # "as found", "after c05"
    deciding: Summary  # of the sealed holdout, or of all cases where there is one stage
    dev: Summary
    change: Comparison | None  # against the app as found, on the cases that decide; None for the app as found itself


@dataclass(frozen=True, slots=True)
class Rescored:
    """A run under other metrics."""

    run_id: str
    deciding: str  # "sealed holdout" or "all cases"
    rows: tuple[Row, ...]  # by metric, the versions in order
    profiles: tuple[tuple[str, Profile], ...]  # by version, where a statistic of the whole set was asked for


@dataclass(frozen=True, slots=True)
class Record:
    """What a run left that scoring needs."""

    split: Split
    versions: Mapping[str, Sequence[Run]]  # runs by title, the app as found first
    settings: Settings  # the run's own, or with the metrics and prices of today

    @property
    def deciding(self) -> Sequence[Case]:
        return self.split.holdout if self.split.two_stage else self.split.dev


def rescore(root: Path, run_id: str, names: Sequence[str]) -> Rescored:
    """The baseline and every kept version of a run, the newest finished one for "", under the metrics ``names``.

    Options, prices and the repo's own metrics are those of the working tree as it is now; cases are those of the run.
    Raises UserError for an unknown run or metric and for one that lacks an option, and what a metric raises.
    """
    repo = Repo.open(root)
    chosen = run_id or newest(repo, "finished")
    record = read(repo, chosen, today=True)
    metrics = plugins.metrics(record.settings, repo.root)
    _check(names, metrics, record.settings)
    try:
        rows = tuple(row for name in names if name in metrics for row in _rows(record, metrics[name]))
    finally:
        plugins.release(metrics)
    asked = any(name not in metrics for name in names)
    profiles = tuple((title, _profile(record, runs)) for title, runs in record.versions.items()) if asked else ()
    return Rescored(chosen, "sealed holdout" if record.split.two_stage else "all cases", rows, profiles)


def read(repo: Repo, run_id: str, *, today: bool) -> Record:
    """What a run measured, with its own metric options and prices, or those of ``today``.

    Raises UserError for an unknown run and for one without a measured baseline.
    """
    folder = folder_of(repo, run_id)
    if not (folder / "settings.json").is_file():
        raise UserError(f"no run {run_id!r} in this repository", fix="`harness runs` lists the runs")
    then = settings.loads((folder / "settings.json").read_text("utf-8"))
    with closing(Journal(repo.home / "state.sqlite", run_id)) as journal:
        versions = dict(_versions(journal))
    if not versions:
        raise UserError(f"run {run_id} has no measured baseline", fix=f"finish it first: `harness resume {run_id}`")
    chosen = _of_today(repo.root, then) if today else then
    return Record(split_of(folder / "inputs", repo.root, then), versions, chosen)


def _of_today(root: Path, then: Settings) -> Settings:
    now, findings = settings.read(root, {})
    if findings:
        raise Problems(findings)
    return replace(then, metrics=now.metrics, prices={**then.prices, **now.prices})


def _versions(journal: Journal) -> Iterator[tuple[str, Sequence[Run]]]:
    """(title, runs) of each version whose baseline was measured to its end."""
    notes = Notes(journal)
    kept = [trial.change.id for trial in notes.trials() if trial.stage == "kept"]
    for generation, title in enumerate(["as found", *(f"after {change}" for change in kept)]):
        if notes.has("summary-all", str(generation)):
            yield title, journal.load_runs(str(Label(generation)))


def _check(names: Sequence[str], metrics: Mapping[str, Metric], chosen: Settings) -> None:
    """Raise UserError for a name that cannot be scored; statistics of the whole set can be told here."""
    known = plugins.measures(metrics, chosen)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            fix = f"{hint}known: {', '.join(metrics)}"
            raise UserError(f"unknown metric {name!r}", where="--rescore", fix=fix)
        if name in metrics and known[name].refusal:
            raise UserError(known[name].refusal, where="--rescore", fix=known[name].fix)


def _rows(record: Record, metric: Metric) -> Iterator[Row]:
    first: list[Score] | None = None
    for title, runs in record.versions.items():
        deciding, dev = (scores(record, metric, cases, runs) for cases in (record.deciding, record.split.dev))
        yield Row(
            metric=metric.NAME,
            unit=metric.UNIT,
            version=title,
            deciding=stats.summarise(metric.NAME, deciding),
            dev=stats.summarise(metric.NAME, dev),
            change=None if first is None else _change(record, metric, first, deciding),
        )
        first = deciding if first is None else first


def scores(record: Record, metric: Metric, cases: Sequence[Case], runs: Sequence[Run]) -> list[Score]:
    """Those of ``runs`` that belong to ``cases``, under a metric with the record's options."""
    by_id = {case.id: case for case in cases}
    chosen = [run for run in runs if run.case in by_id]
    return score(metric, by_id, chosen, plugins.options(record.settings, metric.NAME))


def _change(record: Record, metric: Metric, first: Sequence[Score], last: Sequence[Score]) -> Comparison:
    clusters = {case.id: case.cluster for case in record.deciding}
    return stats.compare(metric.NAME, metric.DIRECTION, first, last, clusters, record.settings.seed)


def _profile(record: Record, runs: Sequence[Run]) -> Profile:
    cases = record.split.dev + record.split.holdout
    fields = plugins.places(record.settings)
    return analyse.profile(cases, runs, {case.id for case in record.split.dev}, fields, record.settings.concurrency)
