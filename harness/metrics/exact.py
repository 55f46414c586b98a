"""Share of runs whose output is what the case expects, character by character.

Stricter than accuracy: case, white space and the type of a value count, and JSON is a text like any other.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import fields
from harness.metrics.options import flag
from harness.types import Case, Direction, Json, Run

NAME = "exact"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {**fields.OPTIONS, "strip": flag, "ignore_case": flag}


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when every comparable expected field is the app's value exactly, else 0.0; a sentence when none is there.

    ``options["strip"]``: white space at both ends of texts does not count. ``options["ignore_case"]``: nor does case.
    ``fields`` and ``only`` as in ``fields.judged``.
    """

    def is_same(expected: Json, value: Json) -> float:
        return float(_same(_trimmed(expected, options), _trimmed(value, options)))

    found = fields.judged(NAME, case, run, options, is_same)
    return found if isinstance(found, str) else min(found)


def _trimmed(value: Json, options: Mapping[str, Json]) -> Json:
    if not isinstance(value, str):
        return value
    value = value.strip() if options.get("strip") else value
    return value.casefold() if options.get("ignore_case") else value


def _same(one: Json, other: Json) -> bool:
    """Equal and of one type at every depth: 1 is neither 1.0 nor true."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)
