"""graphs/tune.py, as LangGraph's tools use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphs import tune
from harness.loop import PHASES
from tests.conftest import git


def test_the_loop_is_drawn_without_starting_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    picture = tune.graph().get_graph().draw_mermaid()
    assert all(f"{name}(" in picture for name in PHASES)
    assert list(tmp_path.iterdir()) == []


def test_invoking_it_tunes_the_repo_it_stands_in(
    small_repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (small_repo / "harness.toml").write_text('goals = ["accuracy to 20 %"]\nruns = 1\n', "utf-8")
    monkeypatch.chdir(small_repo)
    final = tune.graph().invoke({})
    assert final["stopped"] == "all goals are met or reached"
    (branch,) = git(small_repo, "branch", "--list", "harness/*", "--format=%(refname:short)").split()
    git(small_repo, "switch", "--quiet", branch)  # free: the run's own worktree is gone
    assert len(list((small_repo / "reports").glob("*/report.md"))) == 1
