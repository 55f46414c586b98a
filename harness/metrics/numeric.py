"""Share of runs whose number is the expected one within a tolerance."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from harness.answers import parsed
from harness.metrics import fields
from harness.metrics.options import at_least_zero
from harness.types import Case, Direction, Json, Run

NAME = "numeric"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {**fields.OPTIONS, "tolerance": at_least_zero, "relative": at_least_zero}

# Digits with or without commas between thousands: "1,234.5", "-3", ".5", "2e-3".
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\d])")
_ROUNDING = 1e-9  # of the expected number: decimals that floats cannot hold miss it by less


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when every comparable number is near enough, else 0.0; a sentence when no expected field is a number.

    Near enough: |app - expected| <= max(tolerance, relative * |expected|), both 0 unless set. The app's number is its
    value, or in a text the last number that stands there; none scores 0. ``fields`` and ``only`` as in
    ``fields.judged``.
    """

    def is_near(expected: Json, value: Json) -> float | None:
        wanted, got = _number(parsed(expected)), _number(parsed(value))
        if wanted is None:
            return None
        got = _last_number(value) if got is None else got
        allowed = max(options.get("tolerance", 0), options.get("relative", 0) * abs(wanted), _ROUNDING * abs(wanted))
        return float(got is not None and abs(got - wanted) <= allowed)

    found = fields.judged(NAME, case, run, options, is_near)
    return found if isinstance(found, str) else min(found)


def _number(value: Json) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None


def _last_number(value: Json) -> float | None:
    found = _NUMBER.findall(value) if isinstance(value, str) else []
    return _number(float(found[-1].replace(",", ""))) if found else None
