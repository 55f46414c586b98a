"""The user's repository: what state it is in, and the branches that runs leave in it.

Nothing here writes to the user's working tree or index, `apply_ff` excepted, which a person asks for. Knows nothing of
what a run does inside its private worktree (see worktree.py).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.errors import RepoError
from harness.repo.command import Command
from harness.repo.difference import Touched, touched, unified
from harness.repo.names import BRANCHES, branch_of, checked
from harness.repo.open import HOME, opened
from harness.repo.worktree import Worktree


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository with at least one commit and a checkout of its own."""

    root: Path  # root of the working tree, symlinks resolved
    git: Command

    @classmethod
    def open(cls, path: Path) -> Repo:
        """The repository that holds ``path``. Raises RepoError for what cannot be tuned; changes nothing."""
        git = opened(path)
        return cls(git.tree, git)

    @property
    def home(self) -> Path:
        """The folder ``.harness`` in the root, made and hidden from git (.git/info/exclude) on first use."""
        home = self.root / HOME
        home.mkdir(exist_ok=True)
        self._hide_home()
        return home

    def head(self) -> str:
        """Sha of the commit that is checked out."""
        return self.resolve("HEAD")

    def resolve(self, ref: str) -> str:
        """Sha of the commit that ``ref`` names. Raises RepoError when it names none."""
        answer = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", codes=(0, 1))
        if answer.code:
            raise RepoError(f"{ref!r} is not a commit", where=str(self.root), fix=f"git -C {self.root} log --oneline")
        return answer.out.decode().strip()

    def branch(self) -> str:
        """Name of the branch that is checked out, "" when HEAD is detached."""
        return self.git.run("symbolic-ref", "--quiet", "--short", "HEAD", codes=(0, 1)).out.decode().strip()

    def branches(self) -> tuple[str, ...]:
        """Branches that runs left behind, oldest commit first."""
        listed = ("for-each-ref", "--sort=committerdate", "--format=%(refname:lstrip=2)", f"refs/heads/{BRANCHES}")
        return tuple(self.git.text(*listed).splitlines())

    def read(self, ref: str, path: str) -> str | None:
        """Text of the file ``path`` in the commit that ``ref`` names; None where either is missing."""
        answer = self.git.run("cat-file", "blob", f"{ref}:{path}", codes=(0, 128))
        return None if answer.code else answer.out.decode("utf-8", "replace")

    def merge_base(self, ref: str, other: str = "HEAD") -> str:
        """Sha of the commit where ``ref`` and ``other`` parted. Raises RepoError when they share none."""
        return self.git.text("merge-base", self.resolve(other), self.resolve(ref))

    def diff(self, base: str, ref: str, exclude: Sequence[str] = ()) -> str:
        """Unified diff between two commits, for reading, without the folders or files in ``exclude``."""
        return unified(self.git, self.resolve(base), self.resolve(ref), exclude)

    def touched(self, base: str, ref: str, exclude: Sequence[str] = ()) -> tuple[Touched, ...]:
        """The files that differ between two commits, without the folders or files in ``exclude``."""
        return touched(self.git, self.resolve(base), self.resolve(ref), exclude)

    def foreign(self, run_id: str, since: str) -> tuple[str, ...]:
        """Commits on the branch of a run, beyond the commit ``since``, whose messages do not name it: "sha words"."""
        ref = f"refs/heads/{branch_of(run_id)}"
        if not self.git.holds("show-ref", "--verify", "--quiet", ref):
            return ()
        listed = self.git.items("log", "-z", "--format=%h %s%n%b", f"{since}..{ref}")
        return tuple(text.splitlines()[0] for text in listed if run_id not in text)

    def dirty(self, exclude: Sequence[str] = ()) -> tuple[str, ...]:
        """Sorted paths of uncommitted changes: tracked files, and untracked ones that are not ignored.

        ``exclude`` names files or folders, relative to the root, whose changes do not count. Repositories that lie
        untracked inside this one are not its content and do not count either, nor do virtual environments.
        """
        with self._borrowed_index() as index:
            flags = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
            changed = [item[3:] for item in self.git.items("status", *flags, index=index)]
        outside = [PurePosixPath(HOME), *map(PurePosixPath, exclude), *_environments(changed)]
        return tuple(sorted(p for p in changed if not p.endswith("/") and not _within(PurePosixPath(p), outside)))

    def files(self) -> tuple[str, ...]:
        """Sorted files of the working tree that git tracks or would: what it ignores is left out."""
        with self._borrowed_index() as index:
            flags = ("--cached", "--others", "--exclude-standard", "-z")
            listed = self.git.items("ls-files", *flags, index=index)
        return tuple(sorted({path for path in listed if not path.endswith("/") and not path.startswith(f"{HOME}/")}))

    def filtered(self) -> tuple[str, ...]:
        """Sorted tracked files that a filter turns into something else on their way into git, as LFS does."""
        unset = (f":(top,exclude,attr:{mark}filter)" for mark in "!-")
        return tuple(sorted(self.git.items("ls-files", "-z", "--", ":(top)", *unset)))

    def patched(self, base: str, patch: Path, message: str) -> str:
        """Sha of a new commit on ``base`` with a patch as git writes them applied. Raises RepoError where it does not.

        No branch, tag, file or index of the user moves.
        """
        with tempfile.TemporaryDirectory(prefix="harness-index-") as folder:
            index = Path(folder) / "index"
            self.git.run("read-tree", base, index=index)
            flags = ("--cached", "--whitespace=nowarn", "--binary")
            answer = self.git.run("apply", *flags, "--", str(patch.resolve()), index=index, codes=(0, 1, 128))
            if answer.code:
                words = " ".join(answer.err.split()) or "git refuses it"
                fix = f"git -C {self.root} apply --check {patch} must pass on {base[:12]}"
                raise RepoError(f"the patch does not apply: {words}", where=str(patch), fix=fix)
            tree = self.git.text("write-tree", index=index)
        return self.git.commit_tree(tree, base, message)

    def export(self, base: str, ref: str, patch: Path) -> None:
        """Write what ``ref`` changes against ``base`` as a patch that ``patched`` takes, binary files included."""
        flags = ("-p", "-r", "--binary", "--full-index", "--no-ext-diff", "--no-textconv")
        patch.write_bytes(self.git.run("diff-tree", *flags, self.resolve(base), self.resolve(ref)).out)

    def snapshot(self, message: str, only: Sequence[str] = ()) -> str:
        """Sha of a new commit on HEAD that holds the tree as it is, untracked files that are not ignored included.

        ``only``: the paths whose changes it takes, where not all. No branch, tag, file or index of the user moves: only
        its sha names the commit until a branch starts at it.
        """
        self._hide_home()
        with self._borrowed_index() as index:
            if only:
                self.git.run("read-tree", "HEAD", index=index)
                self.git.run("add", "--all", "--", *(f":(top,literal){path}" for path in only), index=index)
                return self.git.commit_tree(self.git.text("write-tree", index=index), self.head(), message)
            flags = ("--others", "--exclude-standard", "-z")
            others = self.git.items("ls-files", *flags, index=index)
            nested = [item for item in others if item.endswith("/")]
            outside = [f":(top,exclude,literal){path}" for path in (*nested, *_environments(others))]
            self.git.run("add", "--all", "--", ":(top)", *outside, index=index)
            tree = self.git.text("write-tree", index=index)
        return self.git.commit_tree(tree, self.head(), message)

    def start_branch(self, run_id: str, commit: str, link: Sequence[str] = ()) -> Worktree:
        """The private worktree of a run on its branch ``harness/<run_id>``, clean at ``commit``.

        Made where it is missing or broken, else reset, so that a resumed run calls it just the same. ``link`` names
        ignored files or folders of the user's tree that the app needs, and those under a filter, which git stores in
        another form; they appear in the worktree as symlinks.
        """
        self.refuse_taken()
        return Worktree.start(self.git, self.home, run_id, self.resolve(commit), tuple(link))

    def refuse_taken(self) -> None:
        """Raise RepoError when a branch has the name that all branches of runs begin with: git cannot hold both."""
        taken = self.git.run("show-ref", "--verify", "--quiet", f"refs/heads/{BRANCHES}", codes=(0, 1)).code == 0
        if taken:
            raise RepoError(
                f"a branch named {BRANCHES!r} stands in the way of the branches of runs, {BRANCHES}/<run>",
                where=str(self.root),
                fix=f"git -C {self.root} branch -m {BRANCHES} {BRANCHES}-old",
            )

    def apply_ff(self, branch: str, exclude: Sequence[str] = ()) -> str:
        """Fast-forward the checked out branch to ``branch`` of a run, and give the sha. It moves the user's files.

        Refused when HEAD is detached, has moved on, or something outside ``exclude`` is uncommitted. Uncommitted
        changes inside ``exclude`` stay; where the branch touches such a file too, git refuses and nothing moves.
        """
        name = checked(branch.removeprefix(f"{BRANCHES}/"))
        target = self.resolve(f"refs/heads/{branch_of(name)}")
        by_hand = f"git -C {self.root} merge {branch_of(name)}"
        if not self.branch():
            raise RepoError("HEAD is detached, there is no branch to move", where=str(self.root), fix=by_hand)
        changed = self.dirty(exclude)
        if changed:
            raise RepoError(
                f"uncommitted changes in {_listed(changed)}", where=str(self.root), fix=f"commit them, then: {by_hand}"
            )
        if not self.git.holds("merge-base", "--is-ancestor", "HEAD", target):
            raise RepoError(
                f"{self.branch()!r} has moved on since {branch_of(name)!r} began", where=str(self.root), fix=by_hand
            )
        self.git.run("merge", "--ff-only", "--quiet", "--no-stat", target)
        return target

    def _hide_home(self) -> None:
        exclude = Path(self.git.text("rev-parse", "--path-format=absolute", "--git-path", "info/exclude"))
        line = f"/{HOME}/"
        known = exclude.read_bytes() if exclude.exists() else b""
        if line.encode() not in known.splitlines():
            exclude.parent.mkdir(parents=True, exist_ok=True)
            with exclude.open("ab") as file:
                file.write((b"\n" if known and not known.endswith(b"\n") else b"") + line.encode() + b"\n")

    @contextmanager
    def _borrowed_index(self) -> Iterator[Path]:
        """A copy of the user's index, for commands that would rewrite it.

        Files that the user told git not to look at (assume-unchanged, skip-worktree) are looked at in it.
        """
        real = Path(self.git.text("rev-parse", "--path-format=absolute", "--git-path", "index"))
        with tempfile.TemporaryDirectory(prefix="harness-index-") as folder:
            copy = Path(folder) / "index"
            if real.exists():
                # With its time: git looks closer at files that are as young as the index that lists them.
                shutil.copy2(real, copy)
            self._look_at_all(copy)
            yield copy

    def _look_at_all(self, index: Path) -> None:
        """Take the marks off; what a sparse checkout left out is not there and keeps its own."""
        listed = self.git.items("ls-files", "-v", "-z", index=index)
        marked = [item[2:] for item in listed if item[0] != "H" and os.path.lexists(self.root / item[2:])]
        for flag in ("--no-skip-worktree", "--no-assume-unchanged"):
            if marked:
                self.git.run("update-index", flag, "--", *marked, index=index)


def _environments(paths: Iterable[str]) -> list[PurePosixPath]:
    """Folders that are virtual environments of Python, among untracked files: packages are installed, not written."""
    return [PurePosixPath(path).parent for path in paths if path.endswith("/pyvenv.cfg")]


def _within(path: PurePosixPath, folders: Sequence[PurePosixPath]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


def _listed(paths: Sequence[str], most: int = 5) -> str:
    rest = f" and {len(paths) - most} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + rest
