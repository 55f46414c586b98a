"""Tokens in and out of every model call of one case, replayed calls included."""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import calls
from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run

NAME = "tokens"
VERSION = "1"
DIRECTION: Direction = "lower"
UNIT = "tokens"
OPTIONS = calls.OPTIONS


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """The sum over the calls that were answered, of ``options["node"]`` alone where one is named.

    Unscored when a model did not count its tokens.
    """
    return missing(run) or calls.tokens_of(run, options, "tokens_in", "tokens_out")
