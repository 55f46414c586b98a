"""Runs -> the statistics of the whole set: latency by percentile and node, throughput, errors by type, classes.

They are told, and no decision rests on them: a percentile or a weighted F1 is no mean over cases.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from harness.analyse.classes import classes
from harness.types import Case, ErrorCount, Latency, Profile, Run


def profile(
    cases: Sequence[Case], runs: Sequence[Run], dev: Collection[str], fields: Mapping[str, str], concurrency: int
) -> Profile:
    """The profile of ``runs`` of ``cases``.

    ``dev``: ids whose classes may be listed; of the others only totals enter. ``fields`` maps an expected field to its
    dotted path in the output, as for accuracy. Runs that the infrastructure lost have no latency and no class.

    Throughput follows from the mean latency by Little's law (Little 1961): cases per second = cases in flight / mean
    seconds per case.
    """
    known = {case.id for case in cases}
    chosen = [run for run in runs if run.case in known]
    counted = [run for run in chosen if not run.lost]
    whole = _latency("", [run.seconds for run in counted])
    nodes = [_latency(node, seconds) for node, seconds in _by_node(counted).items()]
    faults = Counter((run.fault.kind, run.fault.type) for run in chosen if run.fault is not None)
    return Profile(
        runs=len(chosen),
        latencies=(*whole, *sorted((row for rows in nodes for row in rows), key=lambda row: (-row.mean, row.node))),
        throughput=concurrency / whole[0].mean if whole and whole[0].mean > 0 else None,
        concurrency=concurrency,
        errors=tuple(ErrorCount(kind, name, count) for (kind, name), count in faults.most_common()),
        classes=classes(cases, counted, dev, fields),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the sorted values lie, linear between neighbours.

    Definition 7 of Hyndman & Fan 1996, which numpy and most spreadsheets use.
    """
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _latency(node: str, seconds: Sequence[float]) -> tuple[Latency, ...]:
    """One row, or none where nothing was measured."""
    if not seconds:
        return ()
    ordered = sorted(seconds)
    marks = (percentile(ordered, share) for share in (0.50, 0.95, 0.99))
    return (Latency(node, len(ordered), math.fsum(ordered) / len(ordered), *marks),)


def _by_node(runs: Sequence[Run]) -> dict[str, list[float]]:
    """Seconds of the answered model calls, run by run, of each node; calls outside any node have no row."""
    found: dict[str, list[float]] = {}
    for run in runs:
        sums: dict[str, float] = {}
        for call in run.calls:
            if call.node and not call.error:
                sums[call.node] = sums.get(call.node, 0.0) + call.seconds
        for node, seconds in sums.items():
            found.setdefault(node, []).append(seconds)
    return found
