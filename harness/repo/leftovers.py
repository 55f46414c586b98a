"""What runs that were killed left beside their branch: private worktrees, trees of candidates, entries in git's list.

Knows which there are and how to delete them; which of them nobody needs any more is for the caller to say.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from harness.repo.names import checked
from harness.repo.open import HOME
from harness.repo.register import detached
from harness.repo.repository import Repo


@dataclass(frozen=True, slots=True)
class Leftover:
    """What lies about of one run."""

    run_id: str
    worktree: bool  # a private worktree, or an entry of one in git's list whose folder is gone
    trees: int  # trees of candidates


def leftovers(repo: Repo) -> tuple[Leftover, ...]:
    """Everything of the kind under ``.harness``, by run id, whatever became of the run. Changes nothing."""
    home = repo.root / HOME
    worktrees = {path.name for path in _folders(home / "worktrees")} | _listed(repo, home / "worktrees")
    trees = {path.name: len(_folders(path)) for path in _folders(home / "trees")}
    return tuple(Leftover(run, run in worktrees, trees.get(run, 0)) for run in sorted(worktrees | trees.keys()))


def clear(repo: Repo, run_id: str) -> None:
    """Delete the worktree of a run with its entry in git's list, and the trees of its candidates; never its branch.

    The caller holds the lock of the repository: nobody is at work in them.
    """
    home = repo.root / HOME
    git = replace(repo.git, options=repo.git.private(), guard=home / "git.lock")
    detached(git, home / "worktrees" / checked(run_id))
    trees = home / "trees" / run_id
    if trees.exists():
        shutil.rmtree(trees)


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()] if folder.is_dir() else []


def _listed(repo: Repo, folder: Path) -> set[str]:
    """Names of the worktrees that git lists directly below ``folder``."""
    lines = repo.git.text("worktree", "list", "--porcelain").splitlines()
    paths = [Path(line.removeprefix("worktree ")) for line in lines if line.startswith("worktree ")]
    return {path.name for path in paths if path.parent == folder}
