"""Tokens in and out of every model call of one case, replayed calls included."""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run

NAME = "tokens"
VERSION = "1"
DIRECTION: Direction = "lower"
UNIT = "tokens"


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """The sum over the calls that were answered; unscored when a model did not count its tokens."""
    if why := missing(run):
        return why
    total = 0
    for call in run.calls:
        if call.error:
            continue
        if call.tokens_in is None or call.tokens_out is None:
            return f"{call.model} did not say how many tokens it used"
        total += call.tokens_in + call.tokens_out
    return float(total)
