"""The private tree of a run: its branch, its commits, and one cheap tree per candidate.

Everything lies under ``.harness``: worktrees/<run> is a git worktree on the run's branch, trees/<run>/<candidate> is a
checkout that only we know of. Knows nothing of what a change or a measurement is.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from harness.errors import RepoError
from harness.repo.command import Command
from harness.repo.difference import unified
from harness.repo.names import branch_of, checked
from harness.repo.register import attached, detached


@dataclass(frozen=True, slots=True)
class Worktree:
    """A checkout of the branch of one run. Tree hashes are git's: equal content, equal hash, whatever the commit."""

    path: Path  # root of the tree, where the app under test is read
    branch: str
    link: tuple[str, ...]  # relative paths that lead into the user's tree
    trees: Path  # one folder per candidate, and its index beside it
    main: Command  # the user's checkout: links lead there, and the worktree is entered in its list
    git: Command

    @classmethod
    def start(cls, main: Command, home: Path, run_id: str, commit: str, link: tuple[str, ...]) -> Worktree:
        """See Repo.start_branch."""
        path, branch = home / "worktrees" / checked(run_id), branch_of(run_id)
        outer = replace(main, options=main.private(), guard=home / "git.lock")
        inner = replace(outer, tree=path, git_dir=attached(outer, path, branch, commit))
        tree = cls(path, branch, link, home / "trees" / run_id, outer, inner)
        tree.reset(commit)
        return tree

    def head(self) -> str:
        """Sha of the last commit of the branch."""
        return self.git.text("rev-parse", "--verify", "HEAD^{commit}")

    def reset(self, sha: str) -> None:
        """Put branch and files back to ``sha``: edits, untracked and ignored files go, links are made anew."""
        self.git.run("reset", "--hard", "--quiet", sha)
        self.git.run("clean", "-ffdxq")
        self._link_into(self.path)

    def commit(self, message: str, paths: Sequence[str]) -> str:
        """Commit the files at ``paths`` (relative; also ignored or deleted ones) and give the sha of the branch.

        A symlink stands for the file of the tree that it leads to. Where nothing differs no commit is made, so that a
        step repeated after a kill does not commit twice.
        """
        parent = self.head()
        paths = [self._real(path) for path in paths]
        if paths:
            self.git.run("add", "--all", "--force", "--", *(f":(top,literal){path}" for path in paths))
        return self._committed(self.git.text("write-tree"), message, parent)

    def take(self, revision: str, message: str) -> str:
        """Commit the tree of ``revision`` on the branch and give the sha; the files follow with ``reset``.

        As with ``commit``, a tree that is there already makes no further one.
        """
        return self._committed(self.tree_of(revision), message, self.head())

    def _committed(self, tree: str, message: str, parent: str) -> str:
        if tree == self.tree_of(parent):
            return parent
        sha = self.git.commit_tree(tree, parent, message)
        self.git.run("update-ref", "-m", "harness: commit", "HEAD", sha, parent)
        return sha

    def tree_of(self, commit: str) -> str:
        """Tree hash of a commit."""
        return self.git.text("rev-parse", "--verify", f"{commit}^{{tree}}")

    def tree(self, at: Path | None = None) -> str:
        """Tree hash of the tracked files as they stand now in this tree, or in the candidate's tree ``at``.

        Links and what the app leaves lying about are not tracked and do not count.
        """
        git, index = self.git, Path(self.git.text("rev-parse", "--path-format=absolute", "--git-path", "index"))
        if at is not None:
            git, index = self._candidate(at.name)
        with tempfile.TemporaryDirectory(prefix="harness-index-") as folder:
            copy = Path(shutil.copy2(index, Path(folder) / "index"))  # with its time, see Repo._borrowed_index
            outside = (f":(top,exclude,literal){PurePosixPath(name)}" for name in self.link)
            git.run("add", "--update", "--", ":(top)", *outside, index=copy)
            return git.text("write-tree", index=copy)

    def diff(self, base: str, exclude: Sequence[str] = ("reports",)) -> str:
        """Unified diff from ``base`` to the last commit of the branch, without what is in ``exclude``."""
        return unified(self.git, base, "HEAD", exclude)

    def candidate(self, name: str, commit: str = "") -> Path:
        """A fresh tree of ``commit``, or of the branch's last one, for one candidate to edit; an older one goes.

        Links are included. It is a repository of its own, which borrows our objects: what an app does there with git is
        gone with it.
        """
        self.drop(name)
        git, index = self._candidate(name)
        git.tree.mkdir(parents=True)
        at = commit or self.head()
        git.run("read-tree", "--reset", "-u", at, index=index)
        self._link_into(git.tree)
        self._detach(git.tree, index, at)
        return git.tree

    def drop(self, name: str) -> None:
        """Delete the tree of a candidate; none is fine."""
        git, index = self._candidate(name)
        _delete(git.tree)
        index.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the tree and those of its candidates; the branch stays, free to be checked out. Safe to call twice."""
        detached(self.main, self.path)
        _delete(self.trees)

    def discard(self, commit: str) -> None:
        """Delete the trees and the branch of a run that left nothing on it; kept where it moved on from ``commit``."""
        self.remove()
        self.main.run("update-ref", "-d", f"refs/heads/{self.branch}", commit, codes=(0, 1, 128))

    def _candidate(self, name: str) -> tuple[Command, Path]:
        """Git bound to the tree of a candidate, and the index of that tree."""
        path = self.trees / checked(name)
        return replace(self.git, tree=path), path.with_name(f"{name}.index")

    def _detach(self, tree: Path, index: Path, commit: str) -> None:
        """Make ``tree`` a repository of its own, at ``commit`` and without remotes, hooks or branches."""
        asked = ("--show-object-format", "--path-format=absolute", "--git-common-dir")
        form, _, folder = self.git.text("rev-parse", *asked).partition("\n")
        common = Path(folder)
        Command(tree).run("init", "--quiet", "--template=", f"--object-format={form}")
        own = tree / ".git"
        (own / "objects/info").mkdir(parents=True, exist_ok=True)
        # Quoted as git reads it: a path may hold a newline or begin with '#'.
        borrowed = json.dumps(str(common / "objects"), ensure_ascii=False)
        (own / "objects/info/alternates").write_bytes(os.fsencode(f"{borrowed}\n"))
        if (common / "shallow").exists():
            shutil.copyfile(common / "shallow", own / "shallow")
        shutil.copy2(index, own / "index")
        (own / "HEAD").write_text(f"{commit}\n")
        said = "".join(f"\t{key.partition('.')[2]} = {_quoted(text)}\n" for key, text in self.git.identity().items())
        with (own / "config").open("ab") as config:
            config.write(os.fsencode(f"[user]\n{said}"))

    def _real(self, path: str) -> str:
        """The path of the file itself, relative to the tree."""
        real = (self.path / path).resolve()
        inside = (self.path / path).is_symlink() and real.is_relative_to(self.path.resolve())
        return real.relative_to(self.path.resolve()).as_posix() if inside else path

    def _link_into(self, tree: Path) -> None:
        for name in self.link:
            where = PurePosixPath(name)
            source, place = self.main.tree / where, tree / where
            if where.is_absolute() or ".." in where.parts or ".git" in where.parts or not where.parts:
                raise _bad_link(name, "does not lie in the repository", "name a path relative to its root")
            if not source.exists():
                raise _bad_link(name, "does not exist", f"create {source} or remove it from link")
            if place.exists() or place.is_symlink():
                if self._unfiltered(where):
                    raise _bad_link(name, "is tracked by git, so it is in the tree already", "remove it from link")
                _delete(place)  # as git stores it: the user's tree has the content
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(source, target_is_directory=source.is_dir())

    def _unfiltered(self, where: PurePosixPath) -> list[str]:
        """The tracked files there that git stores as the user's tree has them."""
        return self.git.items("ls-files", "-z", "--", f":(top,attr:!filter,literal){where}")


def _quoted(text: str) -> str:
    """A value as git's configuration is written."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _bad_link(name: str, what: str, fix: str) -> RepoError:
    return RepoError(f"{name!r} {what}", where="[tool.harness] link", fix=fix)


def _delete(path: Path) -> None:
    """A file, a link or a folder with all that is in it; none is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
