"""F1 by label, every label with the same weight: rare labels count as much as common ones.

A statistic of all cases and no mean over them, see ``f1``.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import fields, labels
from harness.types import Case, Direction, Json, Run

NAME = "macro_f1"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
STATISTIC = "macro_f1"
OPTIONS = fields.OPTIONS

record = labels.record


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Of all runs of all cases the plain mean of the F1 of the labels that some case wants; of a single run whether its
    labels are right. Fields, labels and failures as in ``f1``. ``fields`` and ``only`` as in ``fields.judged``."""
    return labels.score(case, run, options)
