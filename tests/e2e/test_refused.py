"""What must not be compared or decided on: said with the rows in question, exit 2, and no verdict."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import git
from tests.e2e.conftest import harness

VERDICTS = ("egression", "Kept:", "Rejected:", "better", "worse")
ROWS = [(f"t{case:02}", run, "accuracy", float((case + run) % 3 > 0)) for case in range(20) for run in (1, 2, 3)]
Row = tuple[str, int, str, object]


def told(path: Path, rows: Sequence[Row]) -> str:
    """A table of results."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("case", "run", "metric", "score"), *rows])
    return str(path)


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ([row for row in ROWS if row[0] != "t07"], ["1 case of", "is not in", "t07"]),
        ([(f"x{case[1:]}", *rest) for case, *rest in ROWS], ["t00, t01", "x00, x01"]),
        ([(case, k, "tone", score) for case, k, _, score in ROWS], ["accuracy", "tone"]),
        ([row for row in ROWS if row[1] < 3], ["3 runs of a case", "has 2"]),
        ([row for row in ROWS if row[:2] != ("t05", 2)], ["t05 (run 1, 2, 3 against run 1, 3)"]),
        (
            [(*row[:3], "nan" if row[:2] == ("t03", 2) else row[3]) for row in ROWS],
            ["line 12 (accuracy of t03 is nan)"],
        ),
        (
            [(*row[:3], "inf" if row[:2] == ("t03", 2) else row[3]) for row in ROWS],
            ["line 12 (accuracy of t03 is inf)"],
        ),
    ],
    ids=["a missing case", "other cases", "another metric", "another k", "a missing run", "nan", "inf"],
)
def test_results_that_do_not_belong_together(tmp_path: Path, rows: list[Row], named: list[str]) -> None:
    one, other = told(tmp_path / "a.csv", ROWS), told(tmp_path / "b.csv", rows)
    said = harness(tmp_path, "compare", one, other)
    assert said.code == 2, said.out
    assert all(words in said.err for words in named), said.err
    assert not any(words in said.out for words in VERDICTS)


def test_recorded_runs_with_other_options_of_a_metric_or_another_k(small_repo: Path) -> None:
    """One run of each kind beside the first."""
    runs = [harness(small_repo, "baseline", "--runs", k, "--json").data["run"] for k in ("1", "2")]
    (small_repo / "harness.toml").write_text('[metrics.accuracy]\nonly = ["expected_intent"]\n', "utf-8")
    runs.append(harness(small_repo, "baseline", "--runs", "1", "--json").data["run"])
    wanted = (["has 1 run of a case", "has 2"], ["metric 'accuracy' is not the same one", "expected_intent"])
    for other, words in zip(runs[1:], wanted, strict=True):
        said = harness(small_repo, "compare", runs[0], other)
        assert (said.code, said.out) == (2, "")
        assert all(one in said.err for one in words), said.err


def test_a_ledger_edited_by_hand_stops_a_run_before_it_asks_anything(small_repo: Path) -> None:
    said = harness(small_repo, "run", "--runs", "1", "--seed", "7", "--proposer", "label_list", "--json")
    assert said.code in (0, 1), said.err
    git(small_repo, "merge", "-q", "--ff-only", said.data["branch"])
    record = small_repo / "reports" / said.data["run"] / "run.jsonl"
    lines = record.read_text("utf-8").splitlines()
    place = next(i for i, line in enumerate(lines) if json.loads(line).get("kind") == "confirmation")
    taken = json.loads(lines[place])["id"]
    record.write_text("\n".join(line for line in lines if f'"{taken}"' not in line) + "\n", "utf-8")
    git(small_repo, "commit", "-qam", "one confirmation less")
    again = harness(small_repo, "run", "--runs", "1", "--seed", "8")
    assert again.code == 2, again.err
    assert record.name in again.err and taken in again.err
    assert "not those that the run wrote" in again.err
    assert not any(words in again.out for words in VERDICTS)


def test_a_holdout_that_leaked_into_dev_is_refused_with_both_lines(small_repo: Path, tmp_path: Path) -> None:
    """The same text with other capitals and blanks is the same text."""
    cases = [json.loads(line) for line in (small_repo / "evals/cases.jsonl").read_text("utf-8").splitlines()]
    dev, sealed = cases[:30], [{**case, "id": f"s{n}"} for n, case in enumerate(cases[30:])]
    sealed[4] = {**dev[7], "id": "s4", "input": {"ticket": f"  {dev[7]['input']['ticket'].upper()} "}}
    for path, rows in ((small_repo / "evals/cases.jsonl", dev), (tmp_path / "sealed.jsonl", sealed)):
        path.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    git(small_repo, "commit", "-qam", "a sealed file")
    (small_repo / "harness.toml").write_text(f'holdout = "{tmp_path / "sealed.jsonl"}"\n', "utf-8")
    said = harness(small_repo, "run", "--runs", "1")
    assert said.code == 2
    assert "sealed.jsonl:5" in said.err
    assert f"dev case '{dev[7]['id']}'" in said.err


@pytest.mark.parametrize("value", ["float('nan')", "float('inf')"])
def test_a_score_that_is_no_number_stops_with_metric_line_and_case(small_repo: Path, value: str) -> None:
    text = 'NAME, VERSION, DIRECTION, UNIT = "own", "1", "higher", "points"\n\n\ndef score(case, run, options):\n'
    (small_repo / "evals/own.py").write_text(f"{text}    return {value}\n", "utf-8")
    said = harness(small_repo, "baseline", "--runs", "1")
    assert said.code == 2, said.err
    assert "evals/own.py:4" in said.err
    assert re.search(r"evals/own.py:4: .*(case t\d+|a sealed case)", said.err)  # whichever was scored first
    assert said.out == ""
