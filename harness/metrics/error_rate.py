"""Share of runs that the app did not survive: exceptions, timeouts, exits, endless recursion."""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics.faults import missing
from harness.metrics.options import Rule
from harness.types import Case, Direction, Json, Run

NAME = "error_rate"
VERSION = "1"
DIRECTION: Direction = "lower"
UNIT = ""
OPTIONS: Mapping[str, Rule] = {}


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 for a failure of the app, 0.0 for an output; a fault of the infrastructure is unscored."""
    return missing(run) or float(run.fault is not None)
