"""Which repository holds a path, and whether it is of a kind that a run can work in. Reads only."""

from __future__ import annotations

from pathlib import Path

from harness.errors import RepoError
from harness.repo.command import Command

HOME = ".harness"  # our folder in the root of the working tree
_GITLINK = "160000"  # mode of a submodule in the index


def opened(path: Path) -> Command:
    """Git bound to the repository that holds ``path``. Raises RepoError with the way out for what cannot be tuned."""
    start = path.resolve()
    if not start.exists():
        raise RepoError("no such folder", where=str(path), fix="name a folder inside a git repository")
    start = start if start.is_dir() else start.parent
    seek = Command(start)
    _refuse_unless_repository(seek)
    _refuse_without_tree(seek)
    top = Path(seek.text("rev-parse", "--show-toplevel"))
    git = Command(top, Path(seek.text("rev-parse", "--absolute-git-dir")))
    _refuse_linked(seek, git)
    _refuse_submodules(seek, git)
    _refuse_inner_worktrees(git)
    if not git.holds("rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
        raise RepoError("the repository has no commit yet", where=str(top), fix=_first_commit(top))
    return git


def _first_commit(top: Path) -> str:
    return f'cd {top} && git add -A && git commit -m "first commit"'


def _refuse_unless_repository(seek: Command) -> None:
    answer = seek.run("rev-parse", "--git-dir", codes=(0, 128))
    if answer.code == 0:
        return
    if "dubious ownership" in answer.err:
        fix = f"git config --global --add safe.directory {seek.tree}"
        raise RepoError("git does not trust this folder, because another user owns it", where=str(seek.tree), fix=fix)
    if "not a git repository" in answer.err:
        fix = f'cd {seek.tree} && git init && git add -A && git commit -m "first commit"'
        raise RepoError("not a git repository", where=str(seek.tree), fix=fix)
    raise RepoError(f"git cannot read the repository: {answer.err}", where=str(seek.tree), fix="git fsck")


def _refuse_without_tree(seek: Command) -> None:
    if seek.text("rev-parse", "--is-inside-work-tree") != "true":
        raise RepoError(
            "a bare repository, or the inside of a .git folder: there is no working tree",
            where=str(seek.tree),
            fix=f"git clone {seek.tree} <folder> and run there",
        )


def _refuse_linked(seek: Command, git: Command) -> None:
    common = Path(seek.text("rev-parse", "--path-format=absolute", "--git-common-dir"))
    if git.git_dir is not None and common.resolve() != git.git_dir.resolve():
        fix = f"run in the main checkout, {common.parent}"
        raise RepoError("a linked worktree cannot be tuned yet", where=str(git.tree), fix=fix)


def _refuse_submodules(seek: Command, git: Command) -> None:
    parent = seek.text("rev-parse", "--show-superproject-working-tree")
    if parent:
        raise RepoError(
            f"a submodule of {parent} cannot be tuned yet",
            where=str(git.tree),
            fix=f"git clone {git.tree} <folder> and run there",
        )
    for entry in git.items("ls-files", "--stage", "-z"):
        kept, _, name = entry.partition("\t")
        if kept.startswith(_GITLINK):
            fix = f"commit the files of {name} themselves, or tune a repository without submodules"
            raise RepoError(f"{name} is a submodule, which cannot be tuned yet", where=str(git.tree), fix=fix)
        if name.startswith(f"{HOME}/"):
            fix = f"git rm -r --cached {HOME} && git commit"
            raise RepoError(f"{name} is tracked, but {HOME}/ is ours to write", where=str(git.tree), fix=fix)


def _refuse_inner_worktrees(git: Command) -> None:
    for line in git.text("worktree", "list", "--porcelain").splitlines():
        at = Path(line.removeprefix("worktree "))
        inside = line.startswith("worktree ") and git.tree in at.parents and git.tree / HOME not in at.parents
        if inside and at.exists():
            fix = f"git worktree move {at} {git.tree.parent / at.name}"
            raise RepoError(f"a worktree lies inside the checkout: {at}", where=str(git.tree), fix=fix)
