"""The means of a judged goal, at both ends of a run, without the judge's errors."""

from __future__ import annotations

from dataclasses import replace

from harness.loop.judged import corrections
from harness.types import Goal, Result, Summary
from tests.report.test_judges import KNOWN


def seen(mean: float) -> Summary:
    return Summary("polite", 100, 0, mean, 0.45, None, mean - 0.09, mean + 0.09, 0.0, 1.0)


def test_both_ends_are_corrected_with_the_method_of_the_form() -> None:
    goal = Goal("polite", "higher", 0.9)
    results = (
        Result(goal, seen(0.5), seen(0.7), "missed", 0.7),
        Result(Goal("accuracy", "higher", 0.9), seen(0.1), seen(0.2), "missed", 0.2),
    )
    first, last = corrections(results, (KNOWN,))
    assert [(one.metric, one.version, one.method) for one in (first, last)] == [
        ("polite", "as found", "Rogan-Gladen"),
        ("polite", "in the end", "Rogan-Gladen"),
    ]
    assert first.corrected.value is not None
    assert last.corrected.value is not None
    assert abs(last.corrected.value - (0.7 + 0.8 - 1) / (0.9 + 0.8 - 1)) < 1e-9  # sensitivity .9, specificity .8
    assert last.corrected.high - last.corrected.low > last.raw.high - last.raw.low
    scaled = corrections(results, (replace(KNOWN, form="scale"),))
    assert {one.method for one in scaled} == {"prediction-powered"}
    assert corrections(results, ()) == ()
