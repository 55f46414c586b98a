"""A recorded run as a side: which of its versions, scored how. Reads the record and calls no model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from harness import history, plugins, recorded
from harness.errors import UserError
from harness.journal import Journal, Label, Notes, RunInfo
from harness.protocols import Metric
from harness.recorded import Record
from harness.repo import Repo
from harness.runs import named
from harness.types import Case, Goals, Json, Marks, Run, Settings, Side, Trial

BASELINE = "baseline"  # RUN:baseline, the app as the run found it


def side(root: Path, spec: str, *, today: bool) -> Side:
    """The version that ``spec`` names: RUN is the last one kept, RUN:baseline the app as found, RUN:c05 a candidate.

    A kept candidate is the version measured afresh after it; one that was confirmed and not kept is told by the runs of
    its confirmation. Scored with the run's own metric options, or with those of ``today``. Raises UserError for a run
    or version that is not there, and for a metric of the repo that was changed since, unless ``today`` is asked for.
    """
    repo = Repo.open(root)
    run_id, _, which = spec.partition(":")
    info = named(repo, run_id)
    record = recorded.read(repo, info.id, today=today)
    with closing(Journal(repo.home / "state.sqlite", info.id)) as journal:
        title, runs = _version(journal, info, record, which)
        goals = Notes(journal).goals()
        read = (journal.get("run:start") or {}).get("read", {})
    if not today:
        _refuse_changed(repo.root, read, info.id)
    cases = (*record.split.dev, *record.split.holdout)
    notes = ("recorded runs may be of different days: seconds tell of the machine and the endpoint too",)
    marks = _marks(repo.root, record, cases, runs, goals)
    return replace(described(f"{info.id} {title}", record, marks, goals), notes=notes)


def described(title: str, record: Record, marks: Mapping[str, Marks], goals: Goals) -> Side:
    """A side with the cases of a record: which of them decide, which are sealed, what each asks."""
    cases = (*record.split.dev, *record.split.holdout)
    return Side(
        title=title,
        marks=marks,
        deciding=frozenset(case.id for case in record.deciding),
        contents=contents(cases),
        sealed=frozenset(case.id for case in record.split.holdout),
        clusters={case.id: case.cluster for case in cases if case.cluster},
        goals=tuple(goal.metric for goal in goals.goals),
        ceilings=tuple(goal for goal in goals.goals if goal.relative is None and goal.target is not None),
    )


def contents(cases: Sequence[Case]) -> dict[str, str]:
    """Digest of what each case asks and expects, by id."""
    texts = {case.id: json.dumps([case.inputs, case.expected], sort_keys=True) for case in cases}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def version_of(metric: Metric, chosen: Settings) -> str:
    """What must be alike for two values of a metric to mean the same: its version and its options, in words."""
    options: Mapping[str, Json] = chosen.metrics.get(metric.NAME, {})
    told = f"version {metric.VERSION}"
    if options:
        told += f" with {json.dumps(options, sort_keys=True)}"
    if metric.UNIT == "USD":
        told += f" at prices {json.dumps(chosen.prices, sort_keys=True)}"
    return told


def _version(journal: Journal, info: RunInfo, record: Record, which: str) -> tuple[str, Sequence[Run]]:
    """Title and runs of the version that is meant."""
    titles = list(record.versions)
    if which == BASELINE:
        return titles[0], record.versions[titles[0]]
    if not which:
        return titles[-1], record.versions[titles[-1]]
    if f"after {which}" in record.versions:
        return f"after {which}", record.versions[f"after {which}"]
    past = history.read(journal, info, record.settings.prices)
    tried = history.candidate(past, which)
    runs = _confirmed(journal, past.generation, tried) if isinstance(tried, Trial) else []
    if not runs:
        words = f"{which} of run {info.id} was not measured on the cases that decide"
        raise UserError(words, fix=f"harness show {info.id} --candidate {which} tells how it did on dev")
    return f"with {which}, not kept", runs


def _confirmed(journal: Journal, generations: int, tried: Trial) -> list[Run]:
    """Runs of a candidate in its confirmation, in the generation that it was tried on."""
    labels = [f"{Label(g, history.mark_of(tried.change))}:after" for g in range(generations, -1, -1)]
    return next((found for label in labels if (found := journal.load_runs(label))), [])


def _refuse_changed(root: Path, then: Mapping[str, str], run_id: str) -> None:
    """Raise UserError for a metric of the repo that is not the one of the run."""
    changed = [name for name, digest in plugins.digests(root).items() if then.get(name) != digest]
    if changed:
        raise UserError(
            f"the metric in {', '.join(changed)} is not the one that run {run_id} began with",
            where=changed[0],
            fix="--rescore scores both sides with the metrics and options of today",
        )


def _marks(root: Path, record: Record, cases: Sequence[Case], runs: Sequence[Run], goals: Goals) -> dict[str, Marks]:
    with recorded.scoring(record, root) as metrics:
        return dict(marked(metrics, record, cases, runs, goals))


def marked(
    metrics: Mapping[str, Metric], record: Record, cases: Sequence[Case], runs: Sequence[Run], goals: Goals
) -> Iterator[tuple[str, Marks]]:
    """Every metric that a run with these settings and goals measures; one without a single value is left out."""
    for name in plugins.measured(metrics, record.settings, goals):
        metric = metrics[name]
        scores = tuple(record.scores(metric, cases, runs))
        if any(score.value is not None for score in scores):
            version = version_of(metric, record.settings)
            yield name, Marks(name, metric.DIRECTION, metric.UNIT, scores, version)
