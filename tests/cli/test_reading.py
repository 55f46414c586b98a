"""A report on a terminal: nothing cut, nothing wider than the window, whatever the width."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from harness import report
from harness.cli import reading
from tests.report.outcomes import outcome


def shown(width: int, *, colours: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=colours, color_system="truecolor" if colours else None)
    reading.show(report.render(replace(outcome(), project="desk_" + "x" * 30)), console)
    return file.getvalue()


@pytest.mark.parametrize("width", [50, 80, 120, 200])
def test_nothing_is_cut_and_nothing_is_too_wide(width: int) -> None:
    lines = shown(width).splitlines()
    assert all(len(line) <= min(width, reading.WIDEST) for line in lines)
    assert not any("…" in line for line in lines)
    assert not any(line.startswith(("#", "| ", "```", "![", "<details")) for line in lines)


def test_what_the_report_says_is_there() -> None:
    text = " ".join(shown(80).split())
    for part in ("Executive summary", "Std over cases", "picture progress.svg", "few-shot examples", "Recommendations"):
        assert part in text


def test_no_background_is_painted_so_that_light_and_dark_terminals_read_alike() -> None:
    text = shown(80, colours=True)
    assert "\x1b[1" in text
    assert not [code for code in text.split("\x1b[") if code.startswith(("48;", "40", "47", "100"))]
    assert ";48;" not in text
    assert ";40m" not in text
