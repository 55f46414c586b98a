"""What a report says of the whole set: percentiles, errors by type, classes; before and after."""

from __future__ import annotations

from dataclasses import replace

from harness import report
from harness.types import Classes, ClassRow, ErrorCount, Latency, Profile
from tests.report.outcomes import outcome

BEFORE = Profile(
    runs=100,
    latencies=(Latency("", 98, 1.0, 0.9, 2.5, 3.0), Latency("classify", 98, 0.4, 0.4, 0.8, 0.9)),
    throughput=8.0,
    concurrency=8,
    errors=(ErrorCount("timeout", "Timeout", 3), ErrorCount("app", "Value|Error", 1)),
    classes=(Classes("expected_intent", 0.5, 98, (ClassRow("bill|ing", None, 0.0, 0.0, 7),)),),
)
AFTER = replace(
    BEFORE,
    latencies=(Latency("", 100, 1.0, 0.9, 1.5, 2.0), Latency("route", 90, 0.1, 0.1, 0.2, 0.3)),
    errors=(),
    classes=(Classes("expected_intent", 0.75, 100, (ClassRow("bill|ing", 1.0, 0.5, 0.667, 7),)),),
)


def cells(text: str, first: str) -> list[str]:
    """The cells of the row that begins with ``first``."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {first}"))
    return [cell.strip() for cell in line.strip("| ").split(" | ")]


def test_before_and_after_stand_side_by_side() -> None:
    text = report.render(replace(outcome(), profile_before=BEFORE, profile_after=AFTER))
    assert cells(text, "whole case")[1:] == ["1 s", "0.9 s", "2.5 s → 1.5 s", "3 s → 2 s", "98 → 100"]
    assert "| 98 → - |" in text
    assert "| - → 90 |" in text
    assert cells(text, "timeout")[-1] == "3.0 % → 0.0 %"
    assert "weighted F1 50.0 % → 75.0 %" in text
    assert "- → 100.0 %" in text


def test_foreign_names_do_not_break_the_tables() -> None:
    text = report.render(replace(outcome(), profile_before=BEFORE, profile_after=AFTER))
    for line in text.splitlines():
        if line.startswith("| <code>bill"):
            assert line.count("|") == 6


def test_nothing_measured_leaves_no_section() -> None:
    assert "The whole set" not in report.render(outcome())


def test_sections_stand_one_empty_line_apart() -> None:
    for one in (outcome(), replace(outcome(), profile_before=BEFORE, profile_after=AFTER)):
        assert "\n\n\n" not in report.render(one)
