"""Recorded runs scored again under metrics of today: what a run would have shown, had it been asked.

Calls no model and changes nothing: no record, no decision, no report. Of the sealed holdout it tells totals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from harness import analyse, plugins, stats
from harness.errors import UserError
from harness.protocols import Metric
from harness.recorded import Record, read, scoring
from harness.repo import Repo
from harness.runs import newest
from harness.statistic import listed
from harness.types import Comparison, Profile, Run, Score, Settings, Summary


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


def rescore(root: Path, run_id: str, names: Sequence[str]) -> Rescored:
    """The baseline and every kept version of a run, the newest finished one for "", under the metrics ``names``.

    Options, prices and the repo's own metrics are those of the working tree as it is now; cases are those of the run.
    Raises UserError for an unknown run or metric and for one that lacks an option, and what a metric raises.
    """
    repo = Repo.open(root)
    chosen = run_id or newest(repo, "finished")
    record = read(repo, chosen, today=True)
    with scoring(record, repo.root) as metrics:
        _check(names, metrics, record.settings)
        rows = tuple(row for name in names if name in metrics for row in _rows(record, metrics[name]))
    asked = any(name not in metrics or getattr(metrics[name], "STATISTIC", "") for name in names)
    profiles = tuple((title, _profile(record, runs)) for title, runs in record.versions.items()) if asked else ()
    return Rescored(chosen, "sealed holdout" if record.split.two_stage else "all cases", rows, profiles)


def _check(names: Sequence[str], metrics: Mapping[str, Metric], chosen: Settings) -> None:
    """Raise UserError for a name that cannot be scored; statistics of the whole set can be told here."""
    known = plugins.measures(metrics, chosen)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            fix = f"{hint}known: {listed(metrics)}"
            raise UserError(f"unknown metric {name!r}", where="--rescore", fix=fix)
        if name in metrics and known[name].refusal:
            raise UserError(known[name].refusal, where="--rescore", fix=known[name].fix)


def _rows(record: Record, metric: Metric) -> Iterator[Row]:
    first: list[Score] | None = None
    for title, runs in record.versions.items():
        deciding, dev = (record.scores(metric, cases, runs) for cases in (record.deciding, record.split.dev))
        yield Row(
            metric=metric.NAME,
            unit=metric.UNIT,
            version=title,
            deciding=stats.summarise(metric.NAME, deciding),
            dev=stats.summarise(metric.NAME, dev),
            change=None if first is None else _change(record, metric, first, deciding),
        )
        first = deciding if first is None else first


def _change(record: Record, metric: Metric, first: Sequence[Score], last: Sequence[Score]) -> Comparison:
    clusters = {case.id: case.cluster for case in record.deciding}
    return stats.compare(metric.NAME, metric.DIRECTION, first, last, clusters, record.settings.seed)


def _profile(record: Record, runs: Sequence[Run]) -> Profile:
    fields = plugins.places(record.settings)
    return analyse.profile(
        record.cases, runs, {case.id for case in record.split.dev}, fields, record.settings.concurrency
    )
