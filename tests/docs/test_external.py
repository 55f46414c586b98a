"""The page on repos that no graph drives: its script and its settings, run as they stand there."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from harness.check import check
from harness.external import CommandHost, CommandOptions
from harness.types import Job
from tests.conftest import git
from tests.docs.pages import ROOT, file_in
from tests.external.scripts import runs_of

PAGE = ROOT / "docs/external.md"


def test_the_example_is_a_repo_that_can_be_tuned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    cases = [
        {"id": f"c{n}", "input": {"question": f"Is {n} a number?"}, "expected_answer": "yes", "category": "numbers"}
        for n in range(16)
    ]
    files = {name: file_in(PAGE, name) for name in ("harness.toml", "evaluate.py")}
    files["prompts/answer.md"] = "Answer this question: {question}\n"
    files["evals/cases.jsonl"] = "".join(json.dumps(case) + "\n" for case in cases)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "as on the page")
    checked = check(tmp_path, {"goals": ("accuracy to 90 %",)})
    (prompt,) = checked.discovery.prompts
    assert (prompt.id, prompt.template, prompt.variables) == ("prompts/answer.md", "format", ("question",))
    jobs = [Job(case, 0, seed=1) for case in checked.cases[:3]]
    command = CommandHost(CommandOptions(checked.settings.command))
    before, counted = runs_of(command.open(tmp_path, "before"), jobs)
    (tmp_path / prompt.id).write_text(f"{prompt.text}Answer with one word.\n", "utf-8")
    after, _ = runs_of(command.open(tmp_path, "after"), jobs)
    assert [run.output["accuracy"] for run in before.values()] == [0.0] * 3
    assert [run.output["accuracy"] for run in after.values()] == [1.0] * 3
    assert [call.text for call in counted] == ["Yes, I think so."] * 3
