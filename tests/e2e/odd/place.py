"""A toy app in a repository of its own, worked on with plain git as its user would, and what must not change of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import git

IDEAS = '''"""One proposal that is sure to be kept."""

from harness.types import Proposal

BETTER = "Labels: billing technical account shipping.\\n" * 3 + "Answer only with one of the labels.\\n"


def propose(brief):
    return [Proposal("spell it out", (BETTER, *brief.prompt.parts), "the labels were not named")]
'''


@dataclass
class Box:
    """A user's repository."""

    root: Path  # holds the repository and whatever a row puts beside it
    tree: Path  # the checkout; a row may move it
    folder: Path | None = None  # where the command is run, when that is not the checkout
    env: dict[str, str] = field(default_factory=dict)  # of the command
    notes: dict[str, str] = field(default_factory=dict)  # what a row wants to see again afterwards

    @property
    def marks(self) -> Path:
        """Where programs of the user's note that they were run."""
        return self.root / "marks"

    @property
    def config(self) -> Path:
        """The user's own configuration of git."""
        return self.root / "gitconfig"

    def git(self, *arguments: str) -> str:
        """Run git in the checkout as its user."""
        return git(self.tree, *arguments)

    def configure(self, **values: str) -> None:
        """Set keys of the repository; "__" stands for a dot."""
        for name, value in values.items():
            self.git("config", name.replace("__", "."), value)

    def write(self, name: str, text: str) -> Path:
        """A file of the checkout."""
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def commit(self) -> None:
        """Everything that is not ignored."""
        self.git("add", "-A")
        self.git("commit", "-qm", "more")

    def program(self, name: str, then: str = "exit 1") -> Path:
        """A program that leaves a mark when it is run."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho {path.name} >> '{self.marks}'\n{then}\n", "utf-8")
        path.chmod(0o755)
        return path

    def marked(self) -> str:
        """Which programs were run."""
        return self.marks.read_text("utf-8") if self.marks.exists() else ""


def state(tree: Path) -> Mapping[str, object]:
    """Everything of a user's repository that a run must leave as it was, down to the bytes of the index."""
    if not tree.exists():
        return {}
    files = {path: _content(path) for path in _files(tree)}
    place = subprocess.run(["git", "-C", tree, "rev-parse", "--absolute-git-dir"], capture_output=True, text=True)
    if place.returncode:
        return {"files": files}
    home = Path(place.stdout.strip())
    kept = {name: _content(home / name) for name in ("index", "index.lock", "HEAD", "config", "logs/HEAD", "shallow")}
    refs = git(tree, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    # A run's own branch is named by digits; other branches below harness/ are somebody's.
    theirs = [line for line in refs if not line.startswith("refs/heads/harness/2")]
    return {"files": files, "refs": theirs, "worktrees": git(tree, "worktree", "list"), **kept}


def _files(tree: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(tree):
        folders[:] = [name for name in folders if name not in (".git", ".harness", ".venv")]
        found += [Path(folder, name) for name in (*names, *folders)]
    return sorted(path for path in found if path.name != ".harness")


def _content(path: Path) -> object:
    if path.is_symlink():
        return path.readlink()
    if not path.exists() or path.is_dir():
        return path.exists()
    return path.lstat().st_mode, path.read_bytes()


def sound(tree: Path) -> str:
    """What git fsck has to complain about."""
    done = subprocess.run(["git", "-C", tree, "fsck", "--no-dangling", "--no-progress"], capture_output=True, text=True)
    return "" if done.returncode == 0 or "not a git repository" in done.stderr else done.stdout + done.stderr
