"""Entering a private worktree in git's list and taking it out again, whatever a kill, a move or a copy left behind.

Knows nothing of the content of a tree.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.errors import RepoError
from harness.repo.command import Command
from harness.repo.open import HOME


def attached(main: Command, path: Path, branch: str, commit: str) -> Path:
    """Git directory of the worktree at ``path`` on ``branch``, made at ``commit`` unless a sound one is there.

    ``main`` is the user's checkout with the options and the guard of private trees.

    The index is gone afterwards (a killed git may have left half of one, or its lock): reset before anything else.
    The caller holds the lock of the run, so nobody else is at work in it. Raises RepoError when a person has the branch
    checked out.
    """
    _refuse_checked_out(main, branch)
    main.settle()
    _ref_lock(main, branch).unlink(missing_ok=True)
    git_dir = _sound(main, path, branch)
    if git_dir is None:
        detached(main, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        main.run("update-ref", "-m", "harness: start", f"refs/heads/{branch}", commit)
        # Forced past an entry of the branch that a moved or copied repository still lists under its old path.
        flags = ("--force", "--quiet", "--no-checkout")
        main.run("worktree", "add", *flags, str(path), branch)
        git_dir = _git_dir(path)
    for name in ("index", "index.lock", "HEAD.lock"):
        (git_dir / name).unlink(missing_ok=True)
    return git_dir


def detached(main: Command, path: Path) -> None:
    """Delete the worktree at ``path`` with its entry; no other entry is touched. Safe to call twice."""
    if path.exists():
        shutil.rmtree(path)
    main.run("worktree", "remove", "--force", "--force", str(path), codes=(0, 128))  # 128: not in the list


def _git_dir(path: Path) -> Path:
    """Where the worktree at ``path`` says that its git directory is."""
    return (path / (path / ".git").read_text().strip().removeprefix("gitdir: ")).resolve()


def _sound(main: Command, path: Path, branch: str) -> Path | None:
    """The git directory when worktree and entry name each other, belong to this repository and sit on the branch."""
    if main.git_dir is None or not (path / ".git").is_file():
        return None
    git_dir = _git_dir(path)
    if git_dir.parent != main.git_dir.resolve() / "worktrees" or (git_dir / "locked").exists():
        return None
    head, back = git_dir / "HEAD", git_dir / "gitdir"
    if not (head.is_file() and back.is_file() and (git_dir / "commondir").is_file()):
        return None
    same = (git_dir / back.read_text().strip()).resolve() == (path / ".git").resolve()
    return git_dir if same and head.read_text().strip() == f"ref: refs/heads/{branch}" else None


def _ref_lock(main: Command, branch: str) -> Path:
    return Path(main.text("rev-parse", "--path-format=absolute", "--git-path", f"refs/heads/{branch}.lock"))


def _refuse_checked_out(main: Command, branch: str) -> None:
    for entry in main.text("worktree", "list", "--porcelain").split("\n\n"):
        lines = entry.splitlines()
        at = Path(lines[0].removeprefix("worktree ")) if lines else Path()
        if f"branch refs/heads/{branch}" in lines and at.exists() and HOME not in at.parts:
            fix = f"git -C {at} checkout another branch first"
            raise RepoError(f"{branch!r} is checked out, a run cannot work on it", where=str(at), fix=fix)
