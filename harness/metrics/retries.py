"""Tries of model calls that failed and were made again, per run: what an endpoint or a limit costs in patience."""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import calls
from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run

NAME = "retries"
VERSION = "1"
DIRECTION: Direction = "lower"
UNIT = "retries"
OPTIONS = calls.OPTIONS


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Failed tries before the calls that were answered; unscored where the infrastructure failed for good."""
    return missing(run) or float(sum(call.retries for call in calls.answered(run, options)))
