"""`harness doctor`: what it finds, what it mends, and what it must never touch."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import user_state
from harness.doctor import machine
from harness.journal import FINISHED, Journal, Lock
from tests.conftest import git
from tests.e2e.conftest import harness

GONE = 2**22 + 1  # no process has this number: it is above the largest that Linux gives


def found(tree: Path, *more: str) -> dict[str, Any]:
    """What is found, by name."""
    return {check["name"]: check for check in harness(tree, "doctor", "--json", *more).data["checks"]}


@pytest.fixture
def tree(toy_repo: Callable[[str], Path]) -> Path:
    return toy_repo("classify")


def littered(tree: Path) -> None:
    """A finished and an unfinished run, both with a private worktree, one without a record, and trees of candidates."""
    home = tree / ".harness"
    for run in ("done", "half", "lost"):
        git(tree, "worktree", "add", "-q", "-b", f"harness/{run}", str(home / "worktrees" / run))
        (home / "trees" / run / "c01").mkdir(parents=True)
    for run in ("done", "half"):
        record = Journal(home / "state.sqlite", run)
        record.append("run", "run:start", {"base": "HEAD"})
        if run == "done":
            record.append(FINISHED, "end", {"stopped": "all goals are met"})
        record.close()


def test_a_sound_repository_is_left_as_it_is(tree: Path) -> None:
    said = harness(tree, "doctor")
    assert said.code == 0, said.out
    assert "fail" not in said.out
    assert not (tree / ".harness").exists()
    checks = found(tree)
    assert checks["record"]["words"] == "no run yet"
    assert "langgraph" in checks["app"]["words"]
    assert not any(check["mendable"] for check in checks.values())


def test_remains_of_ended_runs_go_and_branches_stay(tree: Path) -> None:
    littered(tree)
    before, branches = user_state(tree), git(tree, "branch")
    assert {name for name, check in found(tree).items() if check["mendable"]} == {"remains of done", "remains of lost"}
    assert (tree / ".harness/worktrees/done").is_dir()  # without --fix nothing goes
    said = harness(tree, "doctor", "--fix", "--json")
    assert said.code == 0, said.err
    assert [check["name"] for check in said.data["mended"]] == ["remains of done", "remains of lost"]
    assert not any(check["mendable"] for check in said.data["checks"])
    for folder in ("worktrees", "trees"):
        assert [path.name for path in (tree / ".harness" / folder).iterdir()] == ["half"]
    assert git(tree, "branch").replace("+", " ") == branches.replace("+", " ")
    assert git(tree, "worktree", "list").count("\n") == 2
    assert user_state(tree) == before
    git(tree, "checkout", "-q", "harness/done")


def test_a_worktree_that_git_still_lists_is_taken_from_its_list(tree: Path) -> None:
    littered(tree)
    subprocess.run(["rm", "-rf", str(tree / ".harness/worktrees")], check=True)
    harness(tree, "doctor", "--fix")
    listed = git(tree, "worktree", "list")
    assert "/half" in listed
    assert "/done" not in listed
    assert "/lost" not in listed


def test_a_lock_left_by_a_kill_is_emptied(tree: Path) -> None:
    lock = tree / ".harness/lock"
    lock.parent.mkdir()
    lock.write_text(
        f'{{"run_id": "r1", "pid": {GONE}, "host": "{socket.gethostname()}", "started": "2026-11-21T10:00:00"}}',
        "utf-8",
    )
    assert found(tree)["lock"]["state"] == "warn"
    assert str(GONE) in lock.read_text("utf-8")
    assert found(tree, "--fix")["lock"] == found(tree)["lock"]
    assert lock.read_text("utf-8") == ""


def test_while_a_run_is_at_work_nothing_is_mended(tree: Path) -> None:
    littered(tree)
    with Lock(tree / ".harness/lock", "busy"):
        assert "busy" in found(tree)["lock"]["words"]
        said = harness(tree, "doctor", "--fix")
    assert said.code == 2
    assert "run busy is at work" in said.err
    assert (tree / ".harness/worktrees/done").is_dir()


def test_a_damaged_record_fails_with_the_way_out_and_nothing_is_deleted(tree: Path) -> None:
    littered(tree)
    record = tree / ".harness/state.sqlite"
    record.write_bytes(b"not a database, whatever its name says" * 100)
    for wal in tree.glob(".harness/state.sqlite-*"):
        wal.unlink()
    said = harness(tree, "doctor", "--fix")
    assert said.code == 3
    assert f"{record} is damaged" in " ".join(said.out.split())
    assert "mv " in said.out
    assert (tree / ".harness/worktrees/done").is_dir()


@pytest.mark.parametrize("lacks", ["an interpreter", "langgraph"])
def test_an_interpreter_that_cannot_run_the_app_fails(tree: Path, tmp_path: Path, lacks: str) -> None:
    python = tmp_path / "empty/bin/python"
    if lacks == "langgraph":
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "empty")], check=True)
    (tree / "harness.toml").write_text(f'python = "{python}"\n', "utf-8")
    said = harness(tree, "doctor", "--json")
    assert said.code == 3
    (app,) = [check for check in said.data["checks"] if check["name"] == "app"]
    assert app["state"] == "fail"
    assert str(python) in app["words"]
    assert ("no langgraph" in app["words"]) == (lacks == "langgraph")
    assert "python" in app["fix"]


def test_no_repository_is_a_failure_with_the_command_that_makes_one(tmp_path: Path) -> None:
    said = harness(tmp_path, "doctor")
    assert said.code == 3
    assert "not a git repository" in said.out
    assert "git init" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("version", "state"), [((3, 40, 1), "warn"), ((3, 51, 2), "warn"), ((3, 51, 3), "ok"), ((3, 53, 0), "ok")]
)
def test_sqlite_is_advised_and_never_required(version: tuple[int, ...], state: str) -> None:
    assert machine.sqlite(version).state == state


@pytest.mark.parametrize(("free", "state"), [(0.1, "fail"), (1.0, "warn"), (50.0, "ok")])
def test_disk_space_is_judged(free: float, state: str) -> None:
    assert machine.disk(free).state == state
