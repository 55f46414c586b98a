"""Share of runs whose output equals what the case expects.

Knows nothing of models: it compares the ``expected_*`` fields of a case with the final state of the app, texts without
regard to case and white space, JSON by what it says. ``expected_answer_semantic`` is not compared here, because meaning
is not equality; a case with nothing else is unscored and says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.answers import same
from harness.metrics import fields
from harness.types import Case, Direction, Json, Run

NAME = "accuracy"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = fields.OPTIONS


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when every comparable expected field equals the app's value, else 0.0; a sentence when none is comparable.

    ``options["fields"]`` and ``options["only"]`` as in ``fields.judged``.
    """
    found = fields.judged(NAME, case, run, options, lambda expected, value: float(same(expected, value)))
    return found if isinstance(found, str) else min(found)
