"""Share of the expected JSON's fields that the app's JSON gets right: partial credit where accuracy gives none."""

from __future__ import annotations

from collections.abc import Mapping

from harness.answers import ABSENT, at, parsed, same
from harness.metrics import fields
from harness.metrics.options import texts
from harness.types import Case, Direction, Json, Run

NAME = "json_field"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {**fields.OPTIONS, "keys": texts}


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Mean over the fields of right or wrong, 0-1; a sentence when no expected field is a JSON object.

    ``options["keys"]``: dotted names of the fields that count ("address.city"), all of the first level where none are
    named; a key that the expected object lacks does not count. App values that are no JSON object score 0, and so does
    a failure of the app. ``fields`` and ``only`` as in ``fields.judged``.
    """

    def share(expected: Json, value: Json) -> float | None:
        wanted, got = parsed(expected), parsed(value)
        if not isinstance(wanted, Mapping):
            return None
        steps = [key.split(".") for key in options["keys"]] if "keys" in options else [[key] for key in wanted]
        pairs = [(at(wanted, step), at(got, step)) for step in steps]
        right = [one is not ABSENT and same(wish, one) for wish, one in pairs if wish is not ABSENT]
        return sum(right) / len(right) if right else None

    return fields.mean(NAME, case, run, options, share)
