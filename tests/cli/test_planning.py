"""`harness plan` from a recorded baseline and from assumptions; no model call, no run."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Recorded
from tests.e2e.conftest import harness


def test_a_recorded_baseline_tells_lift_goal_and_bill(recorded: Recorded, tmp_path: Path) -> None:
    log, chart = tmp_path / "calls.log", tmp_path / "plan.svg"
    said = harness(recorded.tree, "plan", "--chart", str(chart), "--json", env={"TOY_CALL_LOG": str(log)})
    assert said.code == 0, said.err
    found = said.data
    assert not log.exists()
    assert (found["dev"], found["holdout"]) == (len(recorded.dev), len(recorded.holdout))
    assert found["metric"] == "accuracy"
    assert found["wanted_lift"] == pytest.approx(0.7 - found["mean"])
    assert 0 < found["smallest_lift"] < 1
    lifts = [point["lift"] for point in found["curve"]]
    assert lifts == sorted(lifts, reverse=True)
    assert lifts[0] == pytest.approx(found["smallest_lift"])
    bill = {item["what"]: item for item in found["bill"]}
    assert bill["the baseline"]["cost"]["calls"] == 96 * 2 * 2
    assert bill["the whole run"]["evaluations"] > 2 * bill["one confirmation, both arms"]["evaluations"]
    assert {need["runs"] for need in found["needs"]} >= {1, 2, 5}
    picture = ElementTree.parse(chart).getroot()
    assert picture.tag.endswith("svg")
    assert "goal takes" in chart.read_text("utf-8")


def test_assumptions_need_no_repository(tmp_path: Path) -> None:
    asked = ("plan", "--accuracy", ".6", "--cases", "180", "--noise", ".67", "--target", ".7")
    said = harness(tmp_path, *asked)
    assert said.code == 0, said.err
    assert "60 dev and 120 holdout cases" in said.out
    assert "takes 10.0 points" in said.out
    assert "not known: no baseline" in said.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--accuracy", "1.5"), "1.5"), (("--accuracy", ".5", "--noise", "2"), "noise 2"), ((), "repositor")],
)
def test_what_cannot_be_planned_is_refused(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    said = harness(tmp_path, "plan", *arguments)
    assert said.code == 2
    assert words in said.err
    assert "Traceback" not in said.err
