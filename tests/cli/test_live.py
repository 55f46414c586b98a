"""The region at the bottom of a terminal and the log above it, at several widths."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from harness.cli.console import Plain
from harness.cli.live import Live
from harness.types import Spend
from tests.report.outcomes import change, trials

SPEND = Spend(1_234_567, 7_654_321, 123_456_789, 12_345_678, 7200.0, 123.456)


def told(width: int) -> tuple[Live, io.StringIO, Console]:
    """A view that was told a whole iteration; its console is no terminal, so that only the log reaches the file."""
    file = io.StringIO()
    console = Console(file=file, width=width, height=24)
    live = Live(console, clock=lambda: 0.0)
    live.phase("phase 3 of 4, iterate: screen")
    for trial in (*trials(), trials()[1]):  # a resumed step says the same again
        live.tried(trial)
    live.work(f"c04 {'a technique with a long name ' * 5} at classify, on dev", 45, 66)
    live.spent(SPEND)
    return live, file, console


def region(live: Live, console: Console) -> list[str]:
    """The lines of the region as they stand now."""
    return [text.rstrip() for text in "".join(s.text for s in console.render(live._shown())).splitlines()]


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_the_region_fits_whatever_the_width(width: int) -> None:
    live, _, console = told(width)
    shown = region(live, console)
    assert len(shown) == 7
    assert all(len(line) < min(width, 80) for line in shown)


def test_the_region_says_step_work_spend_and_decisions() -> None:
    live, _, console = told(80)
    text = "\n".join(region(live, console))
    for part in ("phase 3 of 4, iterate: screen", "Now   c04 a technique", "45/66 runs", "68%", "left"):
        assert part in text
    assert "2 h 0 min, 1,234,567 calls, 7,654,321 replayed, 123 USD" in text
    assert "Tried 3: 1 kept, 1 rejected, 1 dropped" in text
    assert "Last  c02 output format at classify: futile, no gain on dev" in text


def test_money_that_is_not_known_is_not_zero() -> None:
    live, _, console = told(80)
    live.spent(replace(SPEND, usd=None))
    assert "unpriced" in "\n".join(region(live, console))


def test_what_has_happened_stays_as_lines_of_a_log() -> None:
    live, file, _ = told(200)
    with live:
        live.note("[bold]as written[/bold]")
    lines = file.getvalue().splitlines()
    assert lines[0] == "phase 3 of 4, iterate: screen"
    assert lines[1] == "  c01 few-shot examples at classify: kept, kept"
    assert "  c03 definitions at classify: rejected on the holdout, p above the level" in lines
    assert "  [bold]as written[/bold]" in lines


def test_the_time_until_the_next_decision_counts_what_comes_after_the_bar() -> None:
    now = [0.0]
    live = Live(Console(file=io.StringIO(), width=80), clock=lambda: now[0])
    live.phase("phase 3 of 4, iterate: screen")
    live.ahead(500)
    for done in range(1, 21):
        now[0] += 0.5
        live.work("c04 on dev", done, 66)
        if done == 2:
            assert "Ahead at most 498 runs until the next decision\n" in "\n".join([*region(live, live._console), ""])
    assert "Ahead at most 480 runs until the next decision, 4 min 0 s" in "\n".join(region(live, live._console))
    live.phase("phase 4 of 4, finish: write report")
    assert not any("Ahead" in line for line in region(live, live._console))


def test_the_same_work_from_its_start_gets_a_new_bar() -> None:
    """The windows of a confirmation have one label; a new phase ends the work of the one before."""
    live, _, console = told(80)
    for done in (63, 64, 1):
        live.work("c04 confirmed, before", done, 64)
    assert " 1/64" in "\n".join(region(live, console))
    live.phase("phase 4 of 4, finish: write report")
    assert not any("/64" in line for line in region(live, console))


def test_a_log_has_one_line_for_each_end(capsys: pytest.CaptureFixture[str]) -> None:
    """With the time since the start, which a log has no other way to tell."""
    clock = iter([100.0, 3_961.9, 3_962.0])
    plain = Plain(lambda: next(clock))
    plain.tried(replace(trials()[2], change=change(3, "definitions")))
    plain.tried(replace(trials()[2], change=change(4, "rules"), sealed=False))
    assert capsys.readouterr().err.splitlines() == [
        "1:04:21    c03 definitions at classify: rejected on the holdout, p above the level",
        "1:04:22    c04 rules at classify: rejected on all cases, p above the level",
    ]
