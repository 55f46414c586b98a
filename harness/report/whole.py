"""Outcome -> what no mean over cases tells: percentiles, throughput, errors by type, classes; before → after."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from harness.figures import NONE, amount, number
from harness.report.text import code, inline, table
from harness.types import Classes, ClassRow, Outcome, Profile


def parts(outcome: Outcome) -> list[Markup]:
    """Paragraphs and tables in reading order; none where nothing was measured."""
    old, new = outcome.profile_before, outcome.profile_after
    if old is None or new is None or not old.latencies:
        return []
    found = [_latencies(old, new), _throughput(old, new), _errors(old, new)]
    after = {classes.field: classes for classes in new.classes}
    for classes in old.classes:
        found += _classes(classes, after.get(classes.field))
    return found


def _latencies(old: Profile, new: Profile) -> Markup:
    before, after = ({row.node: row for row in profile.latencies} for profile in (old, new))
    rows = []
    for node in dict.fromkeys([*before, *after]):
        first, last = before.get(node), after.get(node)
        cells = [
            _pair(*(None if row is None else amount(getattr(row, mark), "s") for row in (first, last)))
            for mark in ("mean", "p50", "p95", "p99")
        ]
        counts = _pair(*(None if row is None else str(row.n) for row in (first, last)))
        rows.append([code(node) if node else Markup("whole case"), *cells, counts])
    return table(["Seconds", "Mean", "p50", "p95", "p99", "Runs"], rows, "lrrrrr")


def _throughput(old: Profile, new: Profile) -> Markup:
    pace = _pair(*(None if profile.throughput is None else number(profile.throughput) for profile in (old, new)))
    return inline(f"Throughput: {pace} cases per second with {new.concurrency} in flight, from the mean latency.")


def _errors(old: Profile, new: Profile) -> Markup:
    before, after = ({(e.kind, e.type): e.runs / p.runs for e in p.errors} for p in (old, new))
    if not before and not after:
        return Markup("No run failed.")
    rows = [
        [inline(kind), code(name), _pair(*(amount(share.get((kind, name), 0.0), "") for share in (before, after)))]
        for kind, name in dict.fromkeys([*before, *after])
    ]
    return table(["Kind of error", "Type", "Share of runs"], rows, "llr")


def _classes(old: Classes, new: Classes | None) -> list[Markup]:
    """The weighted F1 of one field over all cases, and its labels on the dev cases."""
    score = _pair(amount(old.weighted_f1, ""), None if new is None else amount(new.weighted_f1, ""))
    head = Markup("{}: weighted F1 {} over all cases; by class on the dev cases:").format(code(old.field), score)
    before, after = (_by_label(classes.rows if classes else ()) for classes in (old, new))
    rows = []
    for label in dict.fromkeys([*before, *after]):
        first, last = before.get(label), after.get(label)
        cells = [
            _pair(*(None if row is None else amount(getattr(row, mark), "") for row in (first, last)))
            for mark in ("precision", "recall", "f1")
        ]
        support = _pair(*(None if row is None else str(row.support) for row in (first, last)))
        rows.append([code(label), *cells, support])
    return [head, table(["Class", "Precision", "Recall", "F1", "Runs that wanted it"], rows, "lrrrr")]


def _by_label(rows: Sequence[ClassRow]) -> dict[str, ClassRow]:
    return {row.label: row for row in rows}


def _pair(old: str | None, new: str | None) -> str:
    first, last = old or NONE, new or NONE
    return first if first == last else f"{first} → {last}"
