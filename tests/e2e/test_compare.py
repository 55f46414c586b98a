"""`harness compare --ref` on a real repo: both revisions measured by the app's own worker, resumed, and left clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench import user_state
from tests.conftest import git
from tests.e2e.conftest import CASES, harness

LABELS = "Say what the message is about: billing, technical, account, shipping."
ONE_SIDE = CASES * 2 * 2  # two runs, two LLM nodes


@pytest.fixture
def branched(small_repo: Path) -> Path:
    """main, and a branch feature whose prompt names the labels."""
    git(small_repo, "switch", "-qc", "feature")
    prompts = small_repo / "app/prompts.py"
    prompts.write_text(prompts.read_text("utf-8").replace("Say what the message is about.", LABELS), "utf-8")
    git(small_repo, "commit", "-qam", "labels")
    git(small_repo, "switch", "-q", "main")
    return small_repo


def test_a_better_revision_passes_and_leaves_nothing_behind(branched: Path, tmp_path: Path) -> None:
    log, state = tmp_path / "calls.log", user_state(branched)
    env = {"TOY_CALL_LOG": str(log)}
    cost = harness(branched, "compare", "--ref", "main..feature", "--runs", "2", "--dry-run", "--json", env=env)
    assert (cost.code, cost.data["most_calls"], log.exists()) == (0, 2 * ONE_SIDE, False)
    said = harness(branched, "compare", "--ref", "main..feature", "--runs", "2", "--json", env=env)
    assert said.code == 0, said.err
    accuracy = said.data["rows"][0]
    assert (accuracy["found"]["metric"], accuracy["finding"]) == ("accuracy", "better")
    assert accuracy["found"]["worse"] == 0  # equal seeds: a better prompt never loses a case here
    made = log.read_text("utf-8").splitlines()
    assert len(set(made)) == len(made) < 2 * ONE_SIDE  # what both sides ask alike is asked once
    assert user_state(branched) == state
    assert git(branched, "branch", "--list", "harness/*") == ""
    assert len(git(branched, "worktree", "list").splitlines()) == 1
    assert harness(branched, "report").out.startswith("# No regression")


def test_a_worse_revision_fails_also_after_a_budget_and_a_resume(branched: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    env = {"TOY_CALL_LOG": str(log)}
    short = ("--budget-calls", str(ONE_SIDE + 40))
    said = harness(branched, "compare", "--ref", "feature..main", "--runs", "2", *short, env=env)
    assert said.code == 4, said.err
    assert "harness resume" in said.err
    resumed = harness(branched, "resume", "--budget-calls", "9999", "--json", env=env)
    assert resumed.code == 1, resumed.err
    assert resumed.data["ruling"] == "regression"
    made = log.read_text("utf-8").splitlines()
    assert len(set(made)) == len(made)
    assert git(branched, "branch", "--list", "harness/*") == ""


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--ref", "main"), 2, "'main' does not name two revisions"),
        (("--ref", "main..nowhere"), 2, "'nowhere' is not a commit"),
        (("--ref", "main..feature", "--budget-calls", "10"), 4, "one side alone needs about"),
        ((), 2, "two versions are compared, not 0"),
    ],
)
def test_what_cannot_be_is_said_before_a_call_is_spent(
    branched: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    log = tmp_path / "calls.log"
    said = harness(branched, "compare", *arguments, env={"TOY_CALL_LOG": str(log)})
    assert said.code == code
    assert words in said.err
    assert not log.exists()
