"""Seconds that one case took, replayed calls counted as recorded.

A run that failed counts with the time it took, so that a timeout is never a fast answer; that it failed is accuracy's
and error_rate's to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import calls
from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run

NAME = "latency"
VERSION = "1"
DIRECTION: Direction = "lower"
UNIT = "s"
OPTIONS = calls.OPTIONS


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """``run.seconds``; unscored for a fault of the infrastructure, whose time is not the app's.

    ``options["node"]``: the seconds of that node's model calls, one after another; 0 where the run went another way,
    unscored where it failed, because nobody knows what the node would have taken.
    """
    if why := missing(run):
        return why
    if "node" not in options:
        return run.seconds
    if run.fault is not None:
        return "the run failed, so the time of a single node says nothing"
    return sum(call.seconds for call in calls.answered(run, options))
