"""A small toy repo, and the command line run in it as a user would."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def small_repo(toy_repo: Callable[[str], Path]) -> Path:
    """The classify toy with fewer cases and a goal that a label list and definitions reach."""
    tree = toy_repo("classify")
    cases = tree / "evals/cases.jsonl"
    cases.write_text("\n".join(cases.read_text("utf-8").splitlines()[:CASES]) + "\n", "utf-8")
    goals = tree / "fine-tune.md"
    goals.write_text(goals.read_text("utf-8").replace("90% or higher", "70% or higher"), "utf-8")
    git(tree, "commit", "-qam", "fewer cases")
    return tree
