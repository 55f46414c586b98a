"""`harness run --dry-run` where a run was recorded, `runs` and `--version`: what is known is told, the rest is not."""

from __future__ import annotations

from harness import __version__
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


def test_the_list_of_runs_says_how_each_ended(recorded: Recorded) -> None:
    (run,) = harness(recorded.tree, "runs", "--json").data
    assert (run["id"], run["status"], run["end"]) == (recorded.run, "finished", recorded.told["stopped"])
    assert recorded.told["stopped"].split()[0] in harness(recorded.tree, "runs").out


def test_the_version_is_told(recorded: Recorded) -> None:
    assert harness(recorded.tree, "--version").out == f"harness {__version__}\n"
