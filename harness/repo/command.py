"""One git command at a time, with every habit of the user's git that could hurt a run switched off.

Knows how to call git safely and what went wrong; does not know what a branch, a worktree or a run is for.
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import DiskFullError, RepoError

# GitPython looks for the git binary while it is imported and fails there; quiet, a missing git is reported by `run`.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
from git.cmd import Git
from git.exc import GitCommandNotFound

# What git exports to hooks and aliases. Left in place, a harness started from a hook would work on another repository.
_INHERITED = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE"),
)
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_EDITOR": "true"}
_SAFE = (
    f"core.hooksPath={os.devnull}",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "core.fsmonitor=false",  # may name a program of the user's
    "core.splitIndex=false",  # would put shared halves of our temporary indexes into the user's .git
    "core.safecrlf=false",  # a file of mixed line ends is edited and committed as it is
    "gc.auto=0",
    "maintenance.auto=false",
    "merge.autoStash=false",
    "i18n.commitEncoding=UTF-8",
    "advice.addEmbeddedRepo=false",
)
_FILTER = re.compile(r"filter\.(.+)\.(clean|smudge|process|required)", re.DOTALL)
_FULL = ("No space left on device", "Disk quota exceeded")


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said."""

    code: int  # exit status
    out: bytes
    err: str


@dataclass(frozen=True, slots=True)
class Command:
    """Git in one place.

    Once ``git_dir`` is known it is always named beside the tree: git looks for a repository upwards, so a private tree
    that lost its ``.git`` file would otherwise answer with the user's repository, and a reset would hit his files.
    """

    tree: Path  # working tree, absolute
    git_dir: Path | None = None  # None = let git look for it (before a repository is opened)
    options: tuple[str, ...] = ()  # further "key=value" of configuration
    guard: Path | None = (
        None  # file that is locked while git works: a git that outlives a killed harness holds it still
    )

    def run(self, *arguments: str, index: Path | None = None, codes: tuple[int, ...] = (0,)) -> Answer:
        """Run ``git arguments``. Raises RepoError when the exit status is not in ``codes`` or git is missing,
        DiskFullError when there is no room for what git writes.

        ``index`` stands in for the index of the tree. Paths in ``Answer.out`` are bytes as git wrote them.
        """
        for name in _INHERITED:
            os.environ.pop(name, None)
        configured = [part for option in (*_SAFE, *self.options) for part in ("-c", option)]
        try:
            with self._guarded() as descriptors:
                # -C beside the working directory: GitPython falls back to ours when a folder is gone, git -C refuses.
                code, out, err = Git(str(self.tree)).execute(
                    ["git", "-C", str(self.tree), *configured, *arguments],
                    env={**_QUIET, **self._places(index)},
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    pass_fds=descriptors,
                )
        except GitCommandNotFound as error:
            raise RepoError("git is not installed or not on PATH", fix="install git") from error
        if code not in codes:
            said = err.strip() or out.decode(errors="replace").strip() or f"exit status {code}"
            if any(words in said for words in _FULL) or DiskFullError.likely(self.tree):
                raise DiskFullError(f"git {arguments[0]}: {said}", where=str(self.tree))
            by_hand = shlex.join(["git", "-C", str(self.tree), *arguments])
            raise RepoError(f"git {arguments[0]}: {said}", where=str(self.tree), fix=f"see what stops it: {by_hand}")
        return Answer(code, out, err)

    def text(self, *arguments: str, index: Path | None = None) -> str:
        """The answer as text without its last newline."""
        return os.fsdecode(self.run(*arguments, index=index).out).removesuffix("\n")

    def items(self, *arguments: str, index: Path | None = None) -> list[str]:
        """The answer of a command with ``-z``, split."""
        return [os.fsdecode(item) for item in self.run(*arguments, index=index).out.split(b"\0") if item]

    def holds(self, *arguments: str) -> bool:
        """Whether a command that answers yes (0) or no (1) says yes."""
        return self.run(*arguments, codes=(0, 1)).code == 0

    def private(self) -> tuple[str, ...]:
        """Options for trees of our own, as they stand in this repository now.

        They hold files as git stores them: a filter is a program of the user's, may download (LFS) or ask for a key,
        and an edit of the stored form is committed in that form. Everything is checked out, also where the user's own
        checkout is sparse.
        """
        said = self.run("config", "-z", "--name-only", "--get-regexp", r"^filter\.", codes=(0, 1)).out
        found = (_FILTER.fullmatch(name) for name in os.fsdecode(said).split("\0"))
        names = sorted({match.group(1) for match in found if match})
        blank = (f"filter.{name}.{way}=" for name in names for way in ("clean", "smudge", "process"))
        return (*blank, *(f"filter.{name}.required=false" for name in names), "core.sparseCheckout=false")

    def commit_tree(self, tree: str, parent: str, message: str) -> str:
        """Make a commit object of ``tree`` on ``parent`` and give its sha; no ref moves, no hook or signature is asked.

        The user's identity is used, see ``identity``: git would refuse one with a gap.
        """
        identity = (f"{key}={value}" for key, value in self.identity().items())
        own = replace(self, options=(*self.options, *identity))
        return own.text("commit-tree", tree, "-p", parent, "-m", message)

    def identity(self) -> dict[str, str]:
        """Who commits, by key of git's configuration: the user, with what is missing of him filled in."""
        ours = {"user.name": "harness", "user.email": "harness@localhost"}
        found = self.run("config", "-z", "--get-regexp", r"^user\.(name|email)$", codes=(0, 1)).out
        pairs = (os.fsdecode(entry).partition("\n") for entry in found.split(b"\0"))
        said = {key: value.strip() for key, _, value in pairs}  # in the order of reading: the last one counts
        return {key: said.get(key) or ours[key] for key in ours}

    def settle(self) -> None:
        """Wait for a git of the same guard that a killed harness left working."""
        with self._guarded(fcntl.LOCK_EX):
            pass

    @contextmanager
    def _guarded(self, how: int = fcntl.LOCK_SH) -> Iterator[tuple[int, ...]]:
        """The descriptors that git must inherit."""
        if self.guard is None:
            yield ()
            return
        descriptor = os.open(self.guard, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, how)
            yield (descriptor,)
        finally:
            os.close(descriptor)

    def _places(self, index: Path | None) -> Mapping[str, str]:
        places: dict[str, str] = {}
        if self.git_dir is not None:
            places |= {"GIT_DIR": str(self.git_dir), "GIT_WORK_TREE": str(self.tree)}
        if index is not None:
            places["GIT_INDEX_FILE"] = str(index)
        return places


def version() -> str:
    """Version of git, such as "2.39.5". Raises RepoError when there is no git."""
    return Command(Path.cwd()).text("version").removeprefix("git version ").partition(" ")[0]
