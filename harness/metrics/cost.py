"""US dollars that the model calls of one case cost, at the user's price table.

A model that is not in the table is unpriced: the case is unscored, never charged at another model's price.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import calls
from harness.metrics.faults import missing
from harness.prices import cost
from harness.types import Case, Direction, Json, Run

NAME = "cost"
VERSION = "1"
DIRECTION: Direction = "lower"
UNIT = "USD"
OPTIONS = calls.OPTIONS


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """The sum over the calls that were answered, of ``options["node"]`` alone where one is named.

    ``options["prices"]``: model id -> USD per 1M tokens in, out.
    """
    if why := missing(run):
        return why
    prices = options.get("prices") or {}
    total = 0.0
    for call in calls.answered(run, options):
        usd = cost(call, prices)
        if usd is None:
            return f"unpriced: {call.model} has no price or no token count"
        total += usd
    return total
