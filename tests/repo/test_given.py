"""A change that a user gave becomes a commit without touching what he has: refs, index and files stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.bench import user_state
from harness.errors import RepoError
from harness.repo import Repo
from tests.conftest import git


@pytest.fixture
def tree(toy_repo: Callable[[str], Path]) -> Path:
    return toy_repo("classify")


def test_a_patch_becomes_a_commit_and_what_it_changes_can_be_written_again(tree: Path, tmp_path: Path) -> None:
    (tree / "logo.bin").write_bytes(bytes(range(256)))
    (tree / "app/prompts.py").write_text("CLASSIFY = REPLY = 'x'\n", "utf-8")
    git(tree, "add", "-A")
    (tmp_path / "p.diff").write_text(git(tree, "diff", "--cached", "--binary"), "utf-8")
    git(tree, "reset", "-q", "--hard")
    repo, state = Repo.open(tree), user_state(tree)
    made = repo.patched(repo.head(), tmp_path / "p.diff", "mine")
    assert [file.path for file in repo.touched(repo.head(), made)] == ["app/prompts.py", "logo.bin"]
    repo.export(repo.head(), made, tmp_path / "again.diff")
    again = repo.patched(repo.head(), tmp_path / "again.diff", "mine")
    assert git(tree, "rev-parse", f"{made}^{{tree}}") == git(tree, "rev-parse", f"{again}^{{tree}}")
    assert user_state(tree) == state
    with pytest.raises(RepoError, match=r"does not apply.*app/prompts.py"):
        repo.patched(made, tmp_path / "p.diff", "twice")


def test_a_snapshot_of_some_paths_leaves_the_others_out(tree: Path) -> None:
    (tree / "app/prompts.py").unlink()
    (tree / "app/new.py").write_text("x = 1\n", "utf-8")
    (tree / "fine-tune.md").write_text("other goals\n", "utf-8")
    repo = Repo.open(tree)
    made = repo.snapshot("some", ["app/prompts.py", "app/new.py"])
    assert [file.path for file in repo.touched(repo.head(), made)] == ["app/new.py", "app/prompts.py"]


def test_a_tree_is_taken_onto_the_branch_once(tree: Path) -> None:
    repo = Repo.open(tree)
    (tree / "app/new.py").write_text("x = 1\n", "utf-8")
    made = repo.snapshot("mine")
    work = repo.start_branch("r1", repo.head())
    other = work.candidate("c01", made)
    assert (other / "app/new.py").is_file()
    assert not (work.path / "app/new.py").exists()
    taken = work.take(made, "feat: mine")
    assert work.take(made, "feat: mine") == taken
    work.reset(taken)
    assert (work.path / "app/new.py").is_file()
    assert git(tree, "log", "--format=%s", f"{repo.head()}..harness/r1").splitlines() == ["feat: mine"]
