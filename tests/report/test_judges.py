"""What a report says of a judge's verdicts: agreement with people, and the means without its errors."""

from __future__ import annotations

from dataclasses import replace

from harness import report
from harness.types import Between, Calibration, Correction, Verdicts
from tests.report.outcomes import outcome

NONE = Between(None, None, None)
KNOWN = Calibration(
    metric="polite",
    version="1",
    model="openai:to|y",
    form="yes/no",
    labels="labels.csv",
    at="",
    n=100,
    unscored=2,
    agreement=Between(0.85, 0.76, 0.91),
    kappa=Between(0.7, 0.55, 0.85),
    weighted=None,
    bias=Between(0.05, 0.01, 0.09),
    length=NONE,
    turned=None,
    first=None,
    verdicts=Verdicts(50, 45, 50, 40, 0.2, 0.2, 0.1, 0.5, 0.5),
)
RAW = Between(0.72, 0.66, 0.78)


def test_the_corrected_mean_stands_beside_the_raw_one() -> None:
    found = Correction("polite", "in the end", RAW, Between(0.74, 0.62, 0.86), "Rogan-Gladen")
    text = report.render(replace(outcome(), calibrations=(KNOWN,), corrections=(found,)))
    assert "| 72.0 % (66.0 % to 78.0 %) | 74.0 % (62.0 % to 86.0 %) |" in text
    assert "85.0 % (76.0 % to 91.0 %) | 0.7 (0.55 to 0.85) | +1.0 to +9.0 points | - |" in text
    assert "100 (+ 2 without a verdict)" in text
    assert "Rogan & Gladen 1978" in text.replace("&amp;", "&")


def test_a_judge_that_tells_nothing_is_told_and_an_uncalibrated_one_has_no_section() -> None:
    found = Correction("polite", "as found", RAW, NONE, "Rogan-Gladen")
    assert "hardly tells good" in report.render(replace(outcome(), calibrations=(KNOWN,), corrections=(found,)))
    assert "verdicts are worth" not in report.render(outcome())
