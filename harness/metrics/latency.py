"""Seconds that one case took, replayed calls counted as recorded.

A run that failed counts with the time it took, so that a timeout is never a fast answer; that it failed is accuracy's
and error_rate's to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run

NAME = "latency"
VERSION = "1"
DIRECTION: Direction = "lower"
UNIT = "s"


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """``run.seconds``; unscored for a fault of the infrastructure, whose time is not the app's."""
    if why := missing(run):
        return why
    return run.seconds
