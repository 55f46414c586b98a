"""The expected fields of a case beside what the app holds for them, for the metrics that compare the two.

Knows where an answer stands; when two answers agree is each metric's own to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.answers import ABSENT, NOT_COMPARED, app_value, as_text
from harness.metrics.faults import missing
from harness.metrics.options import Rule, table, texts
from harness.types import Case, Json, Run

OPTIONS: Mapping[str, Rule] = {"fields": table, "only": texts}  # that every metric of this kind takes
Judge = Callable[[Json, Json], float | None]  # expected, value -> 0-1, or None where the metric cannot judge the two


def judged(name: str, case: Case, run: Run, options: Mapping[str, Json], judge: Judge) -> list[float] | str:
    """What ``judge`` says of each comparable field, at least one; a sentence when none is comparable.

    ``options["fields"]`` maps a field ("expected_intent") to a dotted path in the output ("result.intent"); the app's
    value is then what stands there, and nothing there counts 0. ``options["only"]`` lists the fields that count, where
    not all do. A failure of the app counts 0, a fault of the infrastructure is a sentence. ``name`` is the metric's.
    """
    if run.fault is not None:
        return missing(run) or [0.0]
    paths, only = options.get("fields") or {}, options.get("only")
    found = []
    for field, expected in case.expected.items():
        if (field in NOT_COMPARED and field not in paths) or (only is not None and field not in only):
            continue
        value = app_value(field, case.inputs, run.output, paths.get(field, ""))
        verdict = (0.0 if field in paths else None) if value is ABSENT else judge(expected, value)
        if verdict is not None:
            found.append(verdict)
    return found or _why(name, case)


def mean(name: str, case: Case, run: Run, options: Mapping[str, Json], judge: Judge) -> float | str:
    """Mean of ``judged`` over the comparable fields, or its sentence."""
    found = judged(name, case, run, options, judge)
    return found if isinstance(found, str) else sum(found) / len(found)


def pairs(case: Case, run: Run, options: Mapping[str, Json]) -> list[tuple[str, Json, Json]]:
    """(field, expected, value) of each comparable field, for metrics that count over all cases.

    ``fields`` and ``only`` as in ``judged``. What the app does not hold at a place that ``fields`` names, and all that
    a run that failed does not hold, is "".
    """
    paths, only = options.get("fields") or {}, options.get("only")
    found = []
    for field, expected in case.expected.items():
        if (field in NOT_COMPARED and field not in paths) or (only is not None and field not in only):
            continue
        value = ABSENT if run.fault else app_value(field, case.inputs, run.output, paths.get(field, ""))
        if value is not ABSENT or run.fault or field in paths:
            found.append((field, expected, "" if value is ABSENT else value))
    return found


def references(expected: Json) -> list[str]:
    """The texts that an expected value allows: each of a list that is not empty, else the value as text."""
    return (
        [as_text(item) for item in expected] if isinstance(expected, list | tuple) and expected else [as_text(expected)]
    )


def _why(name: str, case: Case) -> str:
    compared = [field for field in case.expected if field not in NOT_COMPARED]
    if not case.expected:
        return "the case has no expected_* field"
    if not compared:
        return f"{', '.join(case.expected)} needs a metric of its own: {name} compares values"
    return (
        f"the app's output has nothing that {name} could compare with {', '.join(compared)}; "
        "name the place with the option `fields` of the metric"
    )
