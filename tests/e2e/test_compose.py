"""`--compose`: candidates build on one another on dev, the total is one change that is confirmed once."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.bench import branch_tree, decisions
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
    assert all(trials[parent]["stage"] == "not chosen" for parent in best["parents"])
    assert all("confirmed together" in trials[parent]["words"] for parent in best["parents"])
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
