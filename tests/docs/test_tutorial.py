"""The tutorial, played by a reader who does what it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks.forked import forked
from docs import walk
from tests.docs.pages import ROOT


def test_every_command_prints_what_the_tutorial_shows(tmp_path: Path) -> None:
    text = (ROOT / "docs/tutorial.md").read_text("utf-8")
    played = list(walk.wrong(text, walk.reader(tmp_path, forked)))
    told = "\n".join(f"$ {step.line}\n" + "\n".join(printed) for step, printed in played)
    assert not played, f"run `make docs`:\n{told}"


def test_what_differs_from_run_to_run_may_differ_and_nothing_else() -> None:
    shown = ("run 20260101-000000", "took 1.5 s at 0a1b2c3", "| a  |", "...", "end")
    assert walk.same(shown, ("run 20261231-235959-2", "took 22 s at fffffff", "| a |", "x", "y", "end"))
    assert walk.same(shown, ("run 20261231-235959", "took 22 s at fffffff", "| a |", "end"))
    assert not walk.same(shown, ("run 20261231-235959", "took 22 s at fffffff", "| b |", "end"))
    assert not walk.same(shown, ("run 20261231-235959", "took 22 s at fffffff", "| a |"))
    assert not walk.same((), ("error: something",))
