"""Real repositories in temporary folders, cut off from the configuration of the machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.repo import Repo


class Box:
    """A user's repository, worked on with plain git as a user would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.removesuffix("\n")

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def commit(self, message: str = "work") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def open(self) -> Repo:
        return Repo.open(self.root)


@pytest.fixture(autouse=True)
def plain_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A global configuration of the tests' own; its path is given, for tests that write to it."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    return config


@pytest.fixture
def empty(tmp_path: Path) -> Box:
    """A repository without a commit."""
    box = Box(tmp_path / "app")
    box.git("init", "-q")
    return box


@pytest.fixture
def box(empty: Box) -> Box:
    """A small app with one commit, and ignored files beside it."""
    empty.write("app.py", "PROMPT = 'one'\n")
    empty.write("prompts/reply.txt", "Be kind.\n")
    empty.write(".gitignore", "data/\n.env\n*.log\n")
    empty.write("data/big.bin", b"\0\1\2")
    empty.write(".env", "KEY=1\n")
    empty.commit("first")
    return empty
