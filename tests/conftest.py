"""What every test shares: patience on a busy machine, and repos made from the toy apps."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.providers.asked import Answer
from tests.providers.server import Provider, listening

# A deadline would turn a busy machine into a failure.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

TOYS = Path(__file__).parent / "toyapps"


def git(tree: Path, *arguments: str) -> str:
    """Run git in ``tree`` as somebody, without the machine's own configuration, and give what it prints."""
    identity = ["-c", "user.name=Toy", "-c", "user.email=toy@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, "-c", "init.defaultBranch=main", "-C", str(tree), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def toy_tree(tmp_path: Path) -> Callable[[str], Path]:
    """``toy_tree(name)``: a copy of the toy app ``name`` in a folder of its own, without git."""

    def make(name: str) -> Path:
        ignore = shutil.ignore_patterns("__pycache__")
        return Path(shutil.copytree(TOYS / name, tmp_path / name, ignore=ignore)).resolve()

    return make


@pytest.fixture
def toy_repo(toy_tree: Callable[[str], Path]) -> Callable[[str], Path]:
    """``toy_repo(name)``: the same as a git repository with one commit on main and a clean tree."""

    def make(name: str) -> Path:
        tree = toy_tree(name)
        git(tree, "init", "-q")
        git(tree, "add", "-A")
        git(tree, "commit", "-qm", "Toy app")
        return tree

    return make


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], Provider]]:
    """``serve(answer)``: a model "openai:toy" that answers so."""
    with ExitStack() as stack:

        def start(answer: Answer) -> Provider:
            served = stack.enter_context(listening(answer))
            monkeypatch.setenv("OPENAI_BASE_URL", served.url)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-a-test")
            return served

        yield start
