"""The statistics of a whole set of cases by name, which metrics and ``stats`` must agree on. Knows no formula."""

from __future__ import annotations

import re
from collections.abc import Iterable

COUNTED = ("weighted_f1", "macro_f1", "bleu", "chrf")  # taken of counts that are added up over runs
_PERCENTILE = re.compile(r"p(?P<percent>0[1-9]|[1-9]\d)")

_LATENCIES = re.compile(r"latency_p\d\d")


def percentile(name: str) -> float | None:
    """.95 of "p95", the 95th percentile of the values of all runs; None of another name."""
    match = _PERCENTILE.fullmatch(name)
    return int(match["percent"]) / 100 if match else None


def listed(metrics: Iterable[str]) -> str:
    """NAMEs of metrics for a message; of the percentiles, which are many, how they are named."""
    names = list(metrics)
    few = [name for name in names if not _LATENCIES.fullmatch(name)]
    return ", ".join([*few, *(["latency_p95 and other percentiles"] if len(few) < len(names) else [])])
