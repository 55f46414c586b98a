"""A small toy repo, and the command line run in it as a user would."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import toy, user_state
from benchmarks.forked import forked
from tests.conftest import git

CASES = 96  # enough for two stages: dev and a sealed holdout of 60 and more


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What ``--json`` printed."""
        return json.loads(self.out)


def harness(tree: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Said:
    """Run the command line in ``tree``: a real process, whose start (imports) all tests of this one share."""
    return Said(*forked(tree, arguments, env))


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What every small repo is a copy of."""
    tree = toy("classify", tmp_path_factory.mktemp("pattern") / "classify", CASES)
    goals = tree / "fine-tune.md"
    goals.write_text(goals.read_text("utf-8").replace("90% or higher", "70% or higher"), "utf-8")
    git(tree, "branch", "-qM", "main")
    git(tree, "commit", "-qam", "a goal within reach")
    return tree


@pytest.fixture
def small_repo(pattern: Path, tmp_path: Path) -> Path:
    """The classify toy with fewer cases and a goal that a label list and definitions reach."""
    return Path(shutil.copytree(pattern, tmp_path / "classify")).resolve()


@dataclass(frozen=True)
class Ended:
    """A repo with one run in it that came to its end undisturbed. Not to be written to: other tests read it too."""

    tree: Path
    command: tuple[str, ...]
    said: Said
    before: dict[str, str]  # of the user's tree and index
    after: dict[str, str]


@pytest.fixture(scope="session")
def ended(pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The run that most is asked of, made once."""
    tree = Path(shutil.copytree(pattern, tmp_path_factory.mktemp("ended") / "classify")).resolve()
    command, before = ("run", "--runs", "2", "--seed", "7"), user_state(tree)
    return Ended(tree, command, harness(tree, *command, "--json"), before, user_state(tree))
