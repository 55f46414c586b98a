"""A number that the results of an evaluation command tell of each case.

Knows the rows of such results and no formula: what the number means is the command's to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.metrics.faults import missing
from harness.metrics.options import Rule, text, way, word
from harness.types import Case, Direction, Json, Run

NAME = "told"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS: Mapping[str, Rule] = {"field": text, "direction": way, "unit": word}
REQUIRED = ("field",)
_UNSCORED = "unscored"  # where the output of a run keeps why a number is missing


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """The number that stands in the case's row under ``options["field"]``, whatever its capitals; a sentence without.

    ``options["direction"]`` says which way is better ("higher" unless it is "lower"), ``options["unit"]`` its unit: ""
    for a share from 0 to 1. A failure of the app is 0 of a share of which more is better, and unscored else.
    """
    if run.fault is not None:
        share = options.get("unit", UNIT) == "" and options.get("direction", DIRECTION) == "higher"
        return missing(run) or (0.0 if share else "the app failed on this case")
    wanted, output = _plain(options["field"]), run.output if isinstance(run.output, Mapping) else {}
    for key, value in output.items():
        if _plain(key) == wanted and isinstance(value, int | float):
            return float(value)
    reasons = output.get(_UNSCORED) or {}
    told = ", ".join(key for key, value in output.items() if isinstance(value, int | float))
    return str(
        reasons.get(options["field"]) or f"the results tell no {options['field']}: they tell {told or 'no number'}"
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())
