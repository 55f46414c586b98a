"""`--compose`: candidates build on one another on dev, the total is one change that is confirmed once."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.bench import branch_tree, decisions
from benchmarks.peers.ours import GOAL, InProcess, repo
from harness import session
from harness.cli.console import Silent
from tests.conftest import git
from tests.e2e.conftest import harness
from tests.e2e.test_interrupted import begun

RUN = ("run", "--runs", "2", "--seed", "7", "--compose", "2", "--goal", "accuracy to 99 %", "--max-iterations", "1")


def test_steps_are_measured_on_dev_the_total_is_confirmed_once_and_a_killed_run_builds_the_same(
    small_repo: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    git(small_repo.parent, "clone", "--quiet", str(small_repo), str(twin))
    said = harness(small_repo, *RUN, "--json")
    assert said.code in (0, 1), said.err
    trials = {trial["id"]: trial for trial in said.data["trials"]}
    (best,) = [trial for trial in trials.values() if trial["stage"] in ("kept", "confirmed")]
    assert best["stage"] == "kept"
    assert best["parents"]
    parts = [trials[parent] for parent in best["parents"]]
    assert {part["stage"] for part in parts} <= {"not chosen", "screened out"}
    assert all("confirmed together" in part["words"] for part in parts if part["stage"] == "not chosen")
    assert len(set(best["technique"].split(" + "))) > 1
    branch = said.data["branch"]
    assert len(git(small_repo, "log", "--format=%s", f"main..{branch}").splitlines()) == 2  # the change, the report
    report = git(small_repo, "show", f"{branch}:reports/{said.data['run']}/report.md")
    assert f"Built on `{', '.join(best['parents'])}`" in report

    process = begun(twin, tmp_path / "calls.log", 600, command=RUN)  # its baseline takes 384
    os.kill(process.pid, 9)
    process.communicate()
    resumed = harness(twin, "resume", "--json")
    assert decisions(resumed.out) == decisions(said.out)
    assert branch_tree(twin, resumed.data["branch"]) == branch_tree(small_repo, branch)


def test_what_is_not_clear_enough_to_be_confirmed_is_built_upon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On this seed of the task of docs/peers.md nothing of the first round passes the screen."""
    monkeypatch.setenv("PEERS_SEED", "11")
    monkeypatch.setenv("PEERS_NULL", "0")
    flags = {"seed": 11, "proposers": ["ideas.py:propose"], "holdout": "evals/sealed.jsonl", "goals": [GOAL]}
    flags |= {"runs": 1, "pinned": True, "compose": 1, "budget": {"calls": 1000}}
    with session.new(repo(tmp_path / "app"), flags, session.Kit(Silent()), snapshot=False) as sitting:
        sitting = replace(sitting, wiring=replace(sitting.wiring, host=InProcess(11, False)))
        sitting.begin()
        trials = {trial.change.id: trial for trial in sitting.outcome().trials}
    first = [trial for trial in trials.values() if not trial.change.parents][:6]
    assert {trial.stage for trial in first} <= {"screened out", "not chosen", "futile"}
    best = max((trial for trial in first if trial.stage == "screened out"), key=lambda trial: trial.screen.gain)
    assert any(trial.change.parents == (best.change.id,) for trial in trials.values())
