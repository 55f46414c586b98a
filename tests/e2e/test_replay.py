"""Replay is for apps whose outcome rests on their model calls alone; where it does not, a run says so and pays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import git
from tests.e2e.conftest import harness

TIDY = 'return {"clean": " ".join(state["ticket"].split())}'
ANSWER = 'return {"answer": str(reply.content)}'


@pytest.mark.parametrize(
    "old, new, words",
    [
        (TIDY, 'return {"clean": state["ticket"] + str(time.monotonic_ns())}', "asked its model something else"),
        (ANSWER, 'return {"answer": "", "intent": str(random.random())}', "another intent"),
    ],
    ids=["in what is asked", "in what is answered"],
)
def test_replay_is_switched_off_where_something_else_decides(small_repo: Path, old: str, new: str, words: str) -> None:
    source = small_repo / "app/graph.py"
    text = source.read_text("utf-8")
    assert old in text
    source.write_text("import random\nimport time\n" + text.replace(old, new), "utf-8")
    git(small_repo, "commit", "-qam", "another world")
    said = harness(small_repo, "baseline", "--runs", "2", "--json")
    assert said.code == 0, said.err
    (note,) = said.data["notes"]
    assert "replay is switched off" in note and words in note
    assert said.data["spend"]["calls"] >= 96 * 2 * 2, "every call of every run is made"


def test_a_steady_app_is_asked_nothing_twice(small_repo: Path, tmp_path: Path) -> None:
    log = {"TOY_CALL_LOG": str(tmp_path / "calls.log")}
    said = harness(small_repo, "baseline", "--runs", "2", "--json", env=log)
    assert (said.code, said.data["notes"]) == (0, [])
    made = len((tmp_path / "calls.log").read_text("utf-8").splitlines())
    corrected = 8  # failing cases that are run on with the guilty node's answer corrected
    assert made == said.data["spend"]["calls"] == 96 * 2 * 2 + corrected
