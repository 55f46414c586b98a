"""`harness aa` on a recorded baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Recorded
from tests.e2e.conftest import harness

QUICK = ("--repeats", "30", "--candidates", "12")


def test_the_record_of_a_run_is_proof_enough_and_costs_nothing(recorded: Recorded, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    said = harness(recorded.tree, "aa", *QUICK, "--json", env={"TOY_CALL_LOG": str(log)})
    assert said.code == 0, said.err
    found = said.data
    assert not log.exists()
    assert found["run"] == recorded.run
    assert found["false_accept_interval"][0] <= found["alpha"]
    assert found["false_accept_rate"] == max(row["ours"]["rate"] for row in found["rows"])
    assert all(row["mean"]["rate"] > 0.5 for row in found["rows"])
    (shares,) = found["nodes"]
    assert shares["metric"] == "accuracy"
    assert {row["node"]: round(row["share"] + row["joint"], 6) for row in shares["nodes"]} == {
        "classify": 1.0,
        "respond": 0.0,
    }
    by_metric = {row["metric"]: row for row in found["noise"]}
    assert by_metric["accuracy"]["within"] > 0
    assert by_metric["error_rate"]["run_share"] is None
    assert 0.05 < found["smallest_lift"] < 0.6


def test_the_mean_rule_fails_for_all_to_see(recorded: Recorded) -> None:
    said = harness(recorded.tree, "aa", *QUICK, "--rule", "mean")
    assert said.code == 1
    assert "beyond doubt" in said.out
    assert "100 % cannot be told apart (`--by-replay` does)" in said.out  # two runs of a case agree or say nothing
    assert not any(name in said.out for name in recorded.holdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--rule", "luck"), "luck"), (("--metric", "charm"), "charm"), (("20200101-000000",), "20200101-000000")],
)
def test_what_is_not_known_is_refused(recorded: Recorded, arguments: tuple[str, ...], words: str) -> None:
    said = harness(recorded.tree, "aa", *arguments)
    assert said.code == 2
    assert words in said.err
