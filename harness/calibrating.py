"""A judge held against the labels of people: how far it agrees, how it errs, and what that takes off its means.

Asks the judge about every labelled reply that is not on record; changes no run and no decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness import cases, goals, plugins, settings, stats
from harness.errors import UserError
from harness.journal import Calls, Journal
from harness.judge import Judge, Label, labelled
from harness.measure import Meter
from harness.protocols import Progress
from harness.recorded import newest_baseline, read
from harness.repo import Repo
from harness.types import Between, Calibration, Case, Run, Settings, Spend

_RUN = "judge-calibrate"  # name under which nothing is recorded
_CASES = "evals/cases.jsonl"
_FEW = 30  # labels below which the intervals are too wide to be of use


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What came of it."""

    found: Calibration
    spend: Spend
    path: Path  # where it was written
    reasons: Mapping[str, int]  # why replies have no verdict, with how many
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A label with the verdict on its reply."""

    label: float
    verdict: float
    length: int  # characters of the reply; of a pair the first less the second
    orders: tuple[float, float] | None = None  # of a pair: what each order said of output_a


def calibrate(
    root: Path, labels: Path, name: str, flags: Mapping[str, object], kit: tuple[Progress, Callable[[], float], str]
) -> Calibrated:
    """Ask the judge ``name``, the only one of the repo for "", about all labels and hold the two against each other.

    ``kit``: progress, clock, and the time now as ISO 8601. Raises UserError for labels that cannot be read and where no
    judge is meant, BudgetError where the budget does not allow a question; what was asked is kept.
    """
    progress, clock, now = kit
    repo = Repo.open(root)
    if not labels.is_file():
        raise UserError("there is no such file of labels", where=str(labels), fix="name a CSV or JSONL file")
    chosen = settings.load(repo.root, flags)
    metrics = plugins.metrics(chosen, repo.root)
    judge = _judge(metrics, name)
    rows = labelled(labels, judge.rubric.form) if judge.rubric else []
    with _served(repo, chosen, judge, progress, clock) as meter:
        known = _cases(repo, chosen, rows)
        found, reasons = _read(judge, rows, known, progress)
        spend = meter.spend
    if len(found) < 2:
        why = "; ".join(f"{words} ({n})" for words, n in reasons.items())
        raise UserError(f"{len(found)} of {len(rows)} labels have a verdict: {why}", where=str(labels))
    calibration = _held(judge, found, len(rows) - len(found), labels.name, now)
    return Calibrated(calibration, spend, plugins.store(repo.home, calibration), reasons, tuple(_notes(calibration)))


def _judge(metrics: Mapping[str, object], name: str) -> Judge:
    known = {key: metric for key, metric in metrics.items() if isinstance(metric, Judge) and metric.rubric}
    if not name and len(known) == 1:
        return next(iter(known.values()))
    if name in known:
        return known[name]
    told = f"{name!r} is no judge" if name else f"there are {len(known)} judges" if known else "there is no judge here"
    fix = f"--metric {' or '.join(known)}" if known else "write a rubric, evals/NAME.md: see docs/judge.md"
    raise UserError(told, where="--metric", fix=fix)


@contextmanager
def _served(
    repo: Repo, chosen: Settings, judge: Judge, progress: Progress, clock: Callable[[], float]
) -> Iterator[Meter]:
    state = repo.home / "state.sqlite"
    with closing(Calls(state)) as calls, closing(Journal(state, _RUN)) as journal:
        meter = Meter(chosen, calls, journal, progress, clock)
        plugins.serve({judge.NAME: judge}, plugins.Desk(calls, chosen, list, meter))
        yield meter


def _cases(repo: Repo, chosen: Settings, rows: Sequence[Label]) -> dict[tuple[str, int], tuple[Case, Run | None]]:
    """(case, k) -> the case and its newest recorded run; empty where no label names a case."""
    if not any(row.case for row in rows):
        return {}
    run_id = newest_baseline(repo)
    if not run_id:
        path = chosen.cases or goals.named_cases(repo.root)[0] or _CASES
        return {(case.id, 0): (case, None) for case in cases.load(repo.root / path, path)}
    record = read(repo, run_id, today=False)
    runs = {(run.case, run.k): run for run in record.baseline}
    found = {(case.id, 0): (case, runs.get((case.id, 0))) for case in record.cases}
    by_id = {case.id: case for case in record.cases}
    return found | {at: (by_id[at[0]], run) for at, run in runs.items() if at[0] in by_id}


def _read(
    judge: Judge, rows: Sequence[Label], known: Mapping[tuple[str, int], tuple[Case, Run | None]], progress: Progress
) -> tuple[list[_Row], dict[str, int]]:
    told = [(row, *_material(judge, row, known)) for row in rows]
    judge.ask((case, replies, context) for row, case, replies, context in told if row.judge is None)
    found: list[_Row] = []
    reasons: dict[str, int] = {}
    for done, (row, case, replies, context) in enumerate(told, 1):
        said = (row.judge,) if row.judge is not None else judge.said(case, replies, context)
        values = [value for value in said if isinstance(value, float)]
        if len(values) < len(said):
            why = next(str(value) for value in said if isinstance(value, str))
            reasons[why] = reasons.get(why, 0) + 1
        else:
            length = len(replies[0]) - (len(replies[1]) if len(replies) > 1 else 0) if replies else 0
            orders = (values[0], values[1]) if len(values) == 2 else None
            found.append(_Row(row.value, sum(values) / len(values), length, orders))
        progress.work("labels", done, len(told))
    return found, reasons


def _material(
    judge: Judge, row: Label, known: Mapping[tuple[str, int], tuple[Case, Run | None]]
) -> tuple[Case, tuple[str, ...], str]:
    """The case of a label, the replies that were judged, and what they may rest on."""
    if not row.case:
        return Case(row.where, row.inputs or {}, row.expected or {}), row.replies, row.context
    if (row.case, row.k) not in known and (not row.replies or (row.case, 0) not in known):
        raise UserError("no case or recorded run is called so", where=row.where, fix="see `harness show`")
    case, run = known.get((row.case, row.k)) or known[row.case, 0]
    context = row.context or (judge.context(case, run) if run is not None and run.fault is None else "")
    if row.replies:
        return case, row.replies, context
    reply = judge.reply(case, run) if run is not None else None
    if reply is None:
        fix = "give the row an `output`, or measure with `harness baseline` first"
        raise UserError("no reply is recorded for this case", where=row.where, fix=fix)
    return case, (reply,), context


def _held(judge: Judge, rows: Sequence[_Row], unscored: int, labels: str, now: str) -> Calibration:
    said, people = [row.verdict for row in rows], [row.label for row in rows]
    rubric = judge.rubric
    kind = rubric.form.kind if rubric else ""
    paired = [row.orders for row in rows if row.orders is not None]
    moved = [orders for orders in paired if orders[0] != orders[1]]
    return Calibration(
        metric=judge.NAME,
        version=judge.VERSION,
        model=rubric.model if rubric else "",
        form=kind,
        labels=labels,
        at=now,
        n=len(rows),
        unscored=unscored,
        agreement=stats.rate(sum(a == b for a, b in zip(said, people, strict=True)), len(rows)),
        kappa=stats.kappa(said, people),
        weighted=stats.kappa(said, people, weighted=True) if kind != "yes/no" else None,
        bias=stats.bias(said, people),
        length=stats.bias_by_length(said, people, [row.length for row in rows]),
        turned=stats.rate(len(moved), len(paired)) if paired else None,
        first=stats.rate(sum(orders[0] > orders[1] for orders in moved), len(moved)) if paired else None,
        verdicts=stats.verdicts(said, people),
    )


def _notes(found: Calibration) -> Iterator[str]:
    if found.n < _FEW:
        yield f"{found.n} labels are few: the intervals are wide; 100 or more tell a good judge from a poor one"
    if _says_bias(found.length, 0.0):
        yield (
            "the judge likes long replies more than people do"
            if (found.length.value or 0) > 0
            else ("the judge likes short replies more than people do")
        )
    if found.first is not None and _says_bias(found.first, 0.5):
        side = "first" if (found.first.value or 0) > 0.5 else "second"
        yield f"the judge prefers what stands {side}; both orders are asked, so that this cancels in a score"
    if found.kappa.high is not None and found.kappa.high < 0.6:
        yield "agreement beyond chance is low: a goal on this judge says little about what people would say"


def _says_bias(told: Between, fair: float) -> bool:
    """Whether an interval leaves out what a fair judge would show."""
    return told.low is not None and told.high is not None and not told.low <= fair <= told.high
