"""Share of runs whose text holds what it must hold: the expected texts, or texts that the settings name.

Case and runs of white space do not count. Knows nothing of meaning: "not billing" contains "billing".
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.answers import as_text, mentions, normal
from harness.metrics import fields
from harness.metrics.options import flag
from harness.types import Case, Direction, Json, Run

NAME = "contains"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {**fields.OPTIONS, "whole_words": flag}


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when the app's text for every comparable field holds the expected text, else 0.0.

    An expected list means each of its texts. ``options["whole_words"]``: "art" is not found in "part". ``fields`` and
    ``only`` as in ``fields.judged``.
    """
    holds = mentions if options.get("whole_words") else _holds

    def has_all(expected: Json, value: Json) -> float:
        wanted = expected if isinstance(expected, list | tuple) else [expected]
        return float(all(holds(as_text(value), as_text(item)) for item in wanted))

    found = fields.judged(NAME, case, run, options, has_all)
    return found if isinstance(found, str) else min(found)


def _holds(text: str, part: str) -> bool:
    return normal(part) in normal(text)
