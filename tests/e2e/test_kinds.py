"""Seven apps of other kinds than the sample, tuned to their end: the words, the exit code, and what was kept."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from harness.cli import app
from tests.conftest import TOYS, git

RUN = ("run", "--runs", "1", "--seed", "7", "--json")
Start = Callable[[str], Path]


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """``kind(name)``: that app as a repository with its cases written and one commit; it is the current folder."""

    def make(name: str) -> Path:
        tree = Path(shutil.copytree(TOYS / "kinds" / name, tmp_path / name))
        shutil.copy(TOYS / "kinds" / "scripted.py", tree)
        subprocess.run([sys.executable, str(tree / "evals/make_cases.py")], check=True)
        for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "app")):
            git(tree, *arguments)
        monkeypatch.chdir(tree)
        return tree

    return make


def harness(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def tuned(code: int, *more: str) -> dict[str, Any]:
    said = harness(*RUN, *more)
    assert said.exit_code == code, said.stderr
    told: dict[str, Any] = json.loads(said.stdout)
    return told


def kept(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(trial["node"], trial["technique"]) for trial in told["trials"] if trial["stage"] == "kept"]


def changed(tree: Path, told: dict[str, Any]) -> list[str]:
    return git(tree, "diff", "--name-only", f"HEAD..{told['branch']}", "--", ":!reports").split()


def test_extraction_to_json_learns_its_keys_and_keeps_no_nonsense(kind: Start) -> None:
    tree = kind("extract")
    (tree / "ideas.py").write_text(NONSENSE, "utf-8")
    told = tuned(0, "--proposer", "builtin", "--proposer", "ideas.py:nonsense")
    assert [(goal["metric"], goal["initial"], goal["final"]) for goal in told["goals"]] == [
        ("json_field", 0.0, 1.0),
        ("valid", 0.0, 1.0),
    ]
    assert len(kept(told)) == 1
    assert told["stopped"] == "all goals are met or reached"
    assert kept(told) in ([("extract", "output format")], [("extract", "few-shot examples")])
    assert changed(tree, told) == ["graph.py"]


def test_routing_by_a_noisy_model_learns_the_desks(kind: Start) -> None:
    tree = kind("route")
    told = tuned(0)
    assert kept(told)[0][0] == "route"
    assert told["claimed"]["n"] >= 60  # the sealed holdout alone
    assert told["claimed"]["low"] > 0
    assert changed(tree, told) == ["graph.py"]


NONSENSE = """
from harness.types import Brief, Proposal

def nonsense(brief: Brief) -> list[Proposal]:
    lines = ["\\nRain falls on Tuesdays.", "\\nBe the best of all models.", "\\nA fish has no hat."]
    return [Proposal("nonsense", (*brief.prompt.parts, line), "why not") for line in lines]
"""


@pytest.mark.parametrize(
    ("name", "metric", "technique"), [("hops", "accuracy", "reasoning"), ("rewrite", "rubric", "conciseness")]
)
def test_a_real_gain_is_kept_and_nonsense_beside_it_is_not(kind: Start, name: str, metric: str, technique: str) -> None:
    """Two hops with a tool; a rewriting judged by a rubric of the repo's own."""
    tree = kind(name)
    (tree / "ideas.py").write_text(NONSENSE, "utf-8")
    told = tuned(0, "--proposer", "builtin", "--proposer", "ideas.py:nonsense")
    assert kept(told) == [(told["trials"][0]["node"], technique)]
    (goal,) = told["goals"]
    assert (goal["metric"], goal["final"]) == (metric, 1.0)
    assert goal["initial"] < 0.9
    assert told["claimed"]["low"] > 0
    beside = [trial["stage"] for trial in told["trials"] if trial["technique"] == "nonsense"]
    assert "kept" not in beside
    assert changed(tree, told) == ["graph.py"]


def test_letters_that_no_prompt_improves_stay_as_they_are(kind: Start) -> None:
    tree = kind("letter")
    told = tuned(1)
    (goal,) = told["goals"]
    assert (goal["metric"], goal["state"], goal["initial"]) == ("polite", "missed", goal["final"])
    assert told["trials"]
    assert kept(told) == []
    assert told["stopped"].startswith("there is nothing left to try")
    assert changed(tree, told) == []
    assert "No change was kept" in harness("report").stdout


def test_two_graphs_must_be_told_apart(kind: Start) -> None:
    tree = kind("two")
    asked = harness(*RUN)
    assert asked.exit_code == 2
    assert "several compiled graphs were found: desk.py:graph, shop.py:graph" in asked.stderr
    assert "--graph desk.py:graph" in asked.stderr
    met = tuned(0, "--graph", "desk.py:graph")
    assert (met["trials"], met["stopped"]) == ([], "all goals are met or reached")
    told = tuned(0, "--graph", "shop.py:graph")
    assert len(kept(told)) == 1
    assert changed(tree, told) == ["shop.py"]


def test_nodes_side_by_side_that_must_be_awaited_are_tuned_one_after_the_other(kind: Start) -> None:
    tree = kind("parallel")
    told = tuned(0)
    assert {node for node, _ in kept(told)} == {"topic", "mood"}
    (goal,) = told["goals"]
    assert goal["initial"] < 0.5 < 0.9 <= goal["final"]
    text = git(tree, "show", f"{told['branch']}:graph.py")
    assert "food, place, service" in text
    assert "bored, cross, pleased" in text
