"""A number given to a model goes through the real loop: it is measured only where the recorded calls show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import git
from tests.e2e.conftest import harness


@pytest.mark.parametrize(
    ("after", "stage"),
    [("", "futile"), ("model.temperature = 0.5  # wins over what is written above\n", "no effect")],
)
def test_a_temperature_counts_only_when_calls_were_made_with_it(small_repo: Path, after: str, stage: str) -> None:
    app = small_repo / "app/graph.py"
    made = 'model = ScriptedChat(model="scripted-1", temperature=0.2, max_tokens=64)\n'
    app.write_text(app.read_text("utf-8").replace(made, made + after), "utf-8")
    git(small_repo, "add", "-A")
    git(small_repo, "commit", "-q", "--allow-empty", "-m", "app")
    said = harness(small_repo, "run", "--proposer", "temperature", "--runs", "1", "--seed", "7", "--json")
    assert said.code == 1, said.err
    (trial,) = said.data["trials"]
    assert (trial["technique"], trial["node"], trial["stage"]) == ("temperature", "classify", stage)
    assert git(small_repo, "diff", "--name-only", f"main..{said.data['branch']}", "--", "app") == ""
