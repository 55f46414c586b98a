"""Share of runs whose output equals what the case expects.

Knows nothing of models: it compares the ``expected_*`` fields of a case with the final state of the app.
``expected_answer_semantic`` is not compared here, because meaning is not equality; a case with nothing else is
unscored and says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.answers import ABSENT, NOT_COMPARED, app_value, same
from harness.metrics.faults import missing
from harness.types import Case, Direction, Json, Run

NAME = "accuracy"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """1.0 when every comparable expected field equals the app's value, else 0.0; a sentence when none is comparable.

    ``options["fields"]`` maps a field ("expected_intent") to a dotted path in the output ("result.intent"); the app's
    value is then what stands there, and nothing there is a wrong answer. ``options["only"]`` lists the fields that
    count, where not all do. A failure of the app scores 0.
    """
    if run.fault is not None:
        return missing(run) or 0.0
    paths, only = options.get("fields") or {}, options.get("only")
    verdicts = []
    for field, expected in case.expected.items():
        if (field in NOT_COMPARED and field not in paths) or (only is not None and field not in only):
            continue
        value = app_value(field, case.inputs, run.output, paths.get(field, ""))
        if value is not ABSENT:
            verdicts.append(same(expected, value))
        elif field in paths:
            verdicts.append(False)
    return float(all(verdicts)) if verdicts else _why(case)


def _why(case: Case) -> str:
    compared = [f for f in case.expected if f not in NOT_COMPARED]
    if not case.expected:
        return "the case has no expected_* field"
    if not compared:
        return f"{', '.join(case.expected)} is a meaning and accuracy compares values only"
    return (
        f"the app's output has nothing to compare with {', '.join(compared)}; "
        "name the place with [tool.harness.metrics.accuracy.fields]"
    )
