"""Stopped in the middle: Ctrl-C, SIGTERM, kill -9, and a second run at once."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest

from benchmarks.bench import branch_tree, decisions, user_state
from benchmarks.forked import Begun
from benchmarks.kills import CONCURRENCY, campaign
from tests.e2e.conftest import Ended, harness

RUN = ("run", "--runs", "2", "--seed", "7")
IN_FLIGHT = CONCURRENCY  # one call each: a case makes its next call only when the last one is on record
PATIENCE = 300  # seconds until a wait is given up; not a speed that is asserted


def begun(tree: Path, log: Path, calls: int, *more: str, command: tuple[str, ...] = RUN) -> Begun:
    """A run that has made at least ``calls`` model calls."""
    process = Begun(tree, (*command, *more), {"TOY_CALL_LOG": str(log)})
    until = time.monotonic() + PATIENCE
    while not (log.exists() and log.read_text("utf-8").count("\n") >= calls):
        if process.poll(0.02) is not None or time.monotonic() > until:
            raise AssertionError(f"the run never came to {calls} calls: {process.communicate(1)}")
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_says_how_to_go_on_and_nothing_is_lost(small_repo: Path, tmp_path: Path, number: int) -> None:
    before, log = user_state(small_repo), tmp_path / "calls.log"
    process = begun(small_repo, log, 60)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "harness resume" in err
    made = log.read_text("utf-8").splitlines()
    resumed = harness(small_repo, "resume", "--json", env={"TOY_CALL_LOG": str(log)})
    assert resumed.code == 0, resumed.err
    again = log.read_text("utf-8").splitlines()[len(made) :]
    assert len(set(made) & set(again)) <= IN_FLIGHT
    assert user_state(small_repo) == before
    assert resumed.data["kept"]


def test_a_proposer_that_changed_in_between_is_refused(small_repo: Path, tmp_path: Path) -> None:
    ideas, log = small_repo / "evals" / "ideas.py", tmp_path / "calls.log"
    ideas.write_text("def propose(brief):\n    return []\n", "utf-8")
    process = begun(small_repo, log, 10, "--proposer", "evals/ideas.py:propose")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    ideas.write_text("def propose(brief):\n    return None\n", "utf-8")
    refused = harness(small_repo, "resume")
    assert refused.code == 2
    assert "evals/ideas.py: this file was changed" in refused.err
    ideas.write_text("def propose(brief):\n    return []\n", "utf-8")
    assert harness(small_repo, "resume").code == 1


def test_a_second_run_is_told_which_run_is_at_work(small_repo: Path, tmp_path: Path) -> None:
    process = begun(small_repo, tmp_path / "calls.log", 10)
    process.send_signal(signal.SIGSTOP)  # at work, and not done before the second has looked
    try:
        for command in (RUN, ("resume",)):
            second = harness(small_repo, *command)
            assert second.code == 2
            (run,) = (folder.name for folder in (small_repo / ".harness/runs").iterdir())  # the second left none
            assert f"run {run} is at work in this repository" in second.err
            assert f"kill {process.pid}" in second.err
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


def test_kill_9_at_three_moments_changes_nothing(tmp_path: Path) -> None:
    """At fifty moments, of processes that have to load first: benchmarks/kills.py."""
    wanted, rows = campaign(3, 3, tmp_path, Begun)
    assert wanted.table
    assert [row.verdict for row in rows] == ["ok"] * 3
    assert all(row.repeated <= IN_FLIGHT for row in rows)


def test_two_undisturbed_runs_decide_alike(ended: Ended, tmp_path: Path) -> None:
    tree = Path(shutil.copytree(ended.tree, tmp_path / "again"))
    again = harness(tree, *ended.command, "--fresh", "--json")
    assert again.code == 0, again.err
    assert decisions(again.out) == decisions(ended.said.out)
    assert branch_tree(tree, again.data["branch"]) == branch_tree(tree, ended.said.data["branch"])
