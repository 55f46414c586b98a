"""Statistics of the whole set, and runs scored again, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from harness import figures
from harness.cli.shell import say_json
from harness.cli.tables import grid
from harness.types import Analysis, Profile

if TYPE_CHECKING:
    from harness.rescore import Row


def cause_tables(found: Analysis) -> list[str]:
    """Which node likely caused the failures, which label was said for which, and who takes the most."""
    parts = []
    if found.causes:
        rows = [[one.node, f"{one.cases} of {one.of}", f"{one.how}: {one.words}"] for one in found.causes]
        parts.append(grid("Which node likely caused it", ["Node", "Failing cases", "How that is known"], rows))
    for table in found.confusions:
        counts = zip(table.labels, table.counts, strict=True)
        lines = [[label, *(str(n) if n else figures.NONE for n in row)] for label, row in counts]
        parts.append(grid(f"{table.field}: wanted (row) and said (column)", ["Wanted", *table.said], lines))
    return [*parts, *map(figures.one_line, found.spends)]


def profile_tables(profile: Profile, title: str = "") -> str:
    """Latency, errors, throughput and classes of one version; ``title`` stands before the headings."""
    head = f"{title}: " if title else ""
    columns = ["Latency", "Mean", "p50", "p95", "p99", "Runs"]
    rows = [
        [row.node or "whole case", *(figures.amount(v, "s") for v in (row.mean, row.p50, row.p95, row.p99)), str(row.n)]
        for row in profile.latencies
    ]
    parts = [grid(f"{head}Latency", columns, rows)]
    if profile.throughput is not None:
        pace = figures.number(profile.throughput)
        parts.append(f"throughput: {pace} cases/s with {profile.concurrency} in flight (from the mean latency)")
    if profile.errors:
        lines = [[e.kind, e.type, str(e.runs), figures.amount(e.runs / profile.runs, "")] for e in profile.errors]
        parts.append(grid(f"{head}Errors by type", ["Kind", "Type", "Runs", "Share"], lines))
    for table in profile.classes:
        score = figures.amount(table.weighted_f1, "")
        parts.append(f"{head}{table.field}: weighted F1 {score} over {table.n} runs")
        classes = [
            [row.label, *(figures.amount(v, "") for v in (row.precision, row.recall, row.f1)), str(row.support)]
            for row in table.rows
        ]
        parts.append(grid("By class, dev cases", ["Class", "Precision", "Recall", "F1", "Support"], classes))
    return "\n".join(parts)


def rescored(root: Path, run_id: str, names: str, *, as_json: bool) -> None:
    """The recorded runs of a run under other metrics, comma-separated."""
    from harness import rescore  # loads scipy, which the other commands that look do without

    found = rescore.rescore(root, run_id, [name.strip() for name in names.split(",") if name.strip()])
    if as_json:
        profiles: Mapping[str, object] = {title: asdict(profile) for title, profile in found.profiles}
        rows = [asdict(row) for row in found.rows]
        say_json({"run": found.run_id, "deciding": found.deciding, "rows": rows, "profiles": profiles})
        return
    columns = ["Metric", "Version", f"Mean, {found.deciding}", "95 % interval", "Cases", "Better by", "Mean, dev"]
    if found.rows:
        print(grid(f"Run {found.run_id} scored again", columns, [_cells(row) for row in found.rows]))
    for title, profile in found.profiles:
        print(profile_tables(profile, title))
    print("nothing was called and no decision changes: a run decides on the metrics that it was started with")


def _cells(row: Row) -> list[str]:
    told, unit = row.deciding, row.unit
    within = f"{figures.amount(told.low, unit)} .. {figures.amount(told.high, unit)}"
    cases = f"{told.n}" + (f" (+{told.unscored} unscored)" if told.unscored else "")
    better = figures.NONE
    if row.change is not None and row.change.gain is not None:
        span = figures.between(row.change.low, row.change.high, unit)
        better = f"{figures.difference(row.change.gain, unit)} ({span})"
    mean = figures.amount(told.mean, unit)
    return [row.metric, row.version, mean, within, cases, better, figures.amount(row.dev.mean, unit)]
