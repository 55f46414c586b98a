"""Share of runs that gave an answer within a limit of time.

A percentile that a goal can be decided on: "p95 latency at most 2 s" says the same as "within 2 s: 95 % or more", and
this one is a mean over cases.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import latency
from harness.metrics.faults import missing
from harness.metrics.options import above_zero
from harness.types import Case, Direction, Json, Run

NAME = "within"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {**latency.OPTIONS, "limit": above_zero}
REQUIRED = ("limit",)


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when the run took at most ``options["limit"]`` seconds, else 0.0; a failure of the app scores 0.

    ``node``: the seconds of that node's model calls count instead.
    """
    if run.fault is not None:
        return missing(run) or 0.0
    if "limit" not in options:
        return "no limit is set in [tool.harness.metrics.within]"
    seconds = latency.score(case, run, options)
    return seconds if isinstance(seconds, str) else float(seconds <= options["limit"])
