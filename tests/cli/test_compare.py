"""`harness compare` on the versions of a real run: verdict, exit code, report and chart, and what it keeps sealed."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.conftest import Recorded
from tests.e2e.conftest import harness
from tests.results.files import PROVIDERS, promptfoo

HALF = """NAME, VERSION, DIRECTION, UNIT = "half", "1", "higher", ""


def score(case, run, options):
    return 0.5
"""


def test_the_kept_version_is_better_and_the_way_back_is_a_regression(recorded: Recorded, tmp_path: Path) -> None:
    found, base = recorded.run, f"{recorded.run}:baseline"
    up = harness(recorded.tree, "compare", base, found, "--out", str(tmp_path / "v.md"), "--json")
    assert up.code == 0, up.err
    first = up.data["rows"][0]
    claimed = recorded.told["claimed"]
    assert (first["found"]["metric"], first["finding"], up.data["ruling"]) == ("accuracy", "better", "no regression")
    assert {name: first["found"][name] for name in claimed} == claimed
    assert up.data["cases"] == up.data["sealed"] == len(recorded.holdout)
    down = harness(recorded.tree, "compare", found, base, "--chart", str(tmp_path / "c.svg"))
    assert down.code == 1, down.err
    assert "Regression: accuracy is worse" in down.out
    report = (tmp_path / "v.md").read_text("utf-8")
    assert report.startswith("# No regression")
    assert "(v.svg)" in report
    for picture in ("v.svg", "c.svg"):
        ET.fromstring((tmp_path / picture).read_text("utf-8"))
    told = up.out + down.out + report
    assert not [case for case in recorded.holdout if f'"{case}"' in told or f"`{case}`" in told or f" {case} " in told]
    assert {one["case"] for one in up.data["moved"]} <= set(recorded.dev)


def test_a_kept_candidate_is_named_by_its_id_and_a_dropped_one_is_not_measured(recorded: Recorded) -> None:
    kept = recorded.told["kept"][0]
    same = harness(recorded.tree, "compare", f"{recorded.run}:{kept}", recorded.run, "--json")
    assert (same.code, {row["finding"] for row in same.data["rows"]}) == (0, {"the same"})
    dropped = (t["id"] for t in recorded.told["trials"] if t["stage"] not in ("kept", "confirmed"))
    futile = next(dropped)
    said = harness(recorded.tree, "compare", f"{recorded.run}:{futile}", recorded.run)
    assert said.code == 2
    assert f"{futile} of run {recorded.run} was not measured on the cases that decide" in said.err


@pytest.mark.parametrize(
    ("before", "more", "words"),
    [
        ("nowhere", (), "'nowhere' is not recorded here"),
        ("{run}:c99", (), "no candidate 'c99'"),
        ("{run}", ("--metric", "tone"), "has no metric 'tone'"),
        ("{run}:baseline", ("--out", "no/such/v.md"), "there is no folder no/such"),
    ],
)
def test_what_cannot_be_compared_is_said(recorded: Recorded, before: str, more: tuple[str, ...], words: str) -> None:
    said = harness(recorded.tree, "compare", before.format(run=recorded.run), recorded.run, *more)
    assert said.code == 2
    assert words in said.err
    assert "fix: " in said.err


def test_a_metric_that_was_changed_after_the_run_needs_rescore(recorded: Recorded, tmp_path: Path) -> None:
    tree = Path(shutil.copytree(recorded.tree, tmp_path / "changed"))
    names = (f"{recorded.run}:baseline", recorded.run, "--metric", "half")
    (tree / "evals/half.py").write_text(HALF, "utf-8")
    said = harness(tree, "compare", *names)
    assert said.code == 2
    assert "evals/half.py" in said.err
    assert "--rescore" in said.err
    again = harness(tree, "compare", *names, "--rescore", "--json")
    assert again.code == 0, again.err
    assert again.data["rows"][0]["finding"] == "the same"


def test_results_of_another_tool_get_a_verdict_anywhere(tmp_path: Path) -> None:
    good = [[1.0], [1.0], [0.0], *[[1.0]] * 20]
    promptfoo(tmp_path / "a.json", good, PROVIDERS)
    promptfoo(tmp_path / "b.json", [[0.0]] * 10 + good[10:])
    worse = harness(tmp_path, "compare", "a.json#1", "b.json", "--json")
    assert (worse.code, worse.data["exit"], worse.data["ruling"]) == (1, 1, "regression")
    assert {row["found"]["metric"] for row in worse.data["rows"] if row["finding"] == "worse"} == {
        "score",
        "pass",
        "tone",
    }
    within = harness(tmp_path, "compare", "a.json#1", "a.json#2", "--metric", "score")
    assert within.code == 0, within.err
    assert "no difference that could not be chance" in within.out
    promptfoo(tmp_path / "c.json", good[:-1])
    lacking = harness(tmp_path, "compare", "a.json#1", "c.json")
    assert lacking.code == 2
    assert '1 case of a.json#1 is not in c.json: {"q": "Question 22?"}' in lacking.err
    common = harness(tmp_path, "compare", "a.json#1", "c.json", "--common", "--json")
    assert (common.code, common.data["cases"]) == (0, 22)
    assert any("Question 22?" in note for note in common.data["notes"])
