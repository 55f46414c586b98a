"""F1 by label, weighted by how often each label is wanted: the number of a table by class.

A statistic of all cases and no mean over them: a case that is answered wrongly lowers the recall of one label and the
precision of another. Knows labels, not how near two of them are.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics import fields, labels
from harness.types import Case, Direction, Json, Run

NAME = "f1"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
STATISTIC = "weighted_f1"
OPTIONS = fields.OPTIONS

record = labels.record


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Of all runs of all cases the mean of the F1 of the labels, each with the weight of its support; of a single run
    whether its labels are right.

    F1 = 2 right / (wanted + said). Labels are those that some case wants; fields whose expected values are numbers,
    JSON or longer texts do not count unless ``only`` names them. Labels of several fields are different labels. A
    failure of the app says no label. ``fields`` and ``only`` as in ``fields.judged``. Source: van Rijsbergen 1979.
    """
    return labels.score(case, run, options)
