"""`harness run --dry-run` where a run was recorded, `runs` and `--version`: what is known is told, the rest is not."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from harness import __version__, cases
from harness.journal.ledger import Ledger
from tests.cli.conftest import Recorded
from tests.e2e.conftest import harness


def test_a_recorded_run_tells_time_and_what_is_left_of_the_holdout(recorded: Recorded) -> None:
    plan = harness(recorded.tree, "run", "--dry-run", "--runs", "2", "--json").data
    assert (plan["confirmations_left"], plan["confirmations"]) == (4, 5)  # what the kept one was offered is free again
    assert plan["pace"]["run"] == recorded.run
    assert plan["seconds"]["baseline"] == plan["pace"]["seconds"] * 96 * 2 / plan["concurrency"]
    assert plan["seconds"]["most"] > plan["seconds"]["baseline"]
    assert plan["usd"] == {"baseline": None, "most": None}
    text = harness(recorded.tree, "run", "--dry-run").out
    assert f"a case in run {recorded.run}, 8 in flight" in text
    assert f"money: not known: some calls of run {recorded.run} have no price" in text
    assert "sealed holdout: 4 of 5 confirmations are left" in text


def test_a_spent_holdout_is_told_before_anything_is_begun(recorded: Recorded, tmp_path: Path) -> None:
    tree = tmp_path / "spent"
    shutil.copytree(recorded.tree, tree, symlinks=True)
    split = cases.split(cases.load(tree / "evals/cases.jsonl"))
    with closing(Ledger(tree / ".harness/state.sqlite", tree / "reports")) as ledger:
        for number in range(5):
            ledger.spend(split.digest, f"r{number}:c01", 0.01)
    graph = next((tree / "app").rglob("*.py"))
    graph.write_text(graph.read_text("utf-8") + "# changed\n", "utf-8")
    said = harness(tree, "check").out
    assert "warning sealed holdout: 0 of 5 confirmations are left: add or rotate cases" in said
    assert harness(tree, "check", "--json").data["warnings"][-1].startswith("sealed holdout: 0 of 5")
    assert "left    0 of 5 confirmations are left" in harness(tree, "try", "--dry-run").out


def test_the_dry_run_and_the_plan_give_one_bill(recorded: Recorded) -> None:
    dry = harness(recorded.tree, "run", "--dry-run", "--runs", "2", "--max-iterations", "1", "--json").data
    bill = {item["what"]: item for item in harness(recorded.tree, "plan", "--json").data["bill"]}
    assert dry["most_runs"] == bill["the whole run"]["evaluations"]


def test_the_list_of_runs_says_how_each_ended(recorded: Recorded) -> None:
    (run,) = harness(recorded.tree, "runs", "--json").data
    assert (run["id"], run["status"], run["end"]) == (recorded.run, "finished", recorded.told["stopped"])
    assert recorded.told["stopped"].split()[0] in harness(recorded.tree, "runs").out


def test_the_version_is_told(recorded: Recorded) -> None:
    assert harness(recorded.tree, "--version").out == f"harness {__version__}\n"
