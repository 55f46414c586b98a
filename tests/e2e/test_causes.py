"""What a baseline says of its failures: the node that causes them is proved by running on with its answer corrected."""

from __future__ import annotations

from pathlib import Path

from harness import cases
from tests.e2e.conftest import harness


def test_the_guilty_node_is_run_again_corrected_and_only_dev_cases_are_named(small_repo: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    said = harness(small_repo, "baseline", "--runs", "2", "--json", env={"TOY_CALL_LOG": str(log)})
    assert said.code == 0, said.err
    found = said.data["analysis"]
    (cause,) = (one for one in found["causes"] if one["node"] == "classify")
    assert cause["how"] == "run again"
    assert "corrected in 8 of them and run on, 8 came out better" in cause["words"]
    assert cause["cases"] == cause["of"]
    (table,) = found["confusions"]
    split = cases.split(cases.load(small_repo / "evals/cases.jsonl"))
    assert sum(map(sum, table["counts"])) == 2 * len(split.dev)
    assert set(cause["examples"]) <= {case.id for case in split.dev}
    assert not any(case.id in said.out for case in split.holdout)
    assert said.data["spend"]["calls"] == len(log.read_text("utf-8").splitlines())
    shown = harness(small_repo, "baseline", "--runs", "2")
    assert "Which node likely caused it" in shown.out
    assert "slowest: " in shown.out
