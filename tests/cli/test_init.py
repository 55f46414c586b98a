"""`harness init`: what it writes, that it writes over nothing, and that `check` has nothing to say against it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import settings
from tests.cli.conftest import on_terminal
from tests.conftest import git
from tests.e2e.conftest import harness

BareApp = Callable[..., Path]
WRITTEN = ["fine-tune.md", "evals/cases.jsonl", "reports/.gitkeep", "harness.toml"]


def digests(tree: Path) -> dict[str, str]:
    files = [p for p in sorted(tree.rglob("*")) if p.is_file() and not {".git", "__pycache__"} & set(p.parts)]
    return {str(p.relative_to(tree)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_what_it_writes_passes_check_and_a_second_time_it_writes_nothing(bare_app: BareApp) -> None:
    tree = bare_app("classify")
    before = digests(tree)
    said = harness(tree, "init", "--yes", "--json")
    assert said.code == 0, said.err
    assert said.data["graph"] == "app/graph.py:graph"
    assert [file["path"] for file in said.data["files"] if file["written"]] == WRITTEN
    rows = [json.loads(line) for line in (tree / "evals/cases.jsonl").read_text("utf-8").splitlines()]
    assert [sorted(row["input"]) for row in rows] == [["ticket"]] * 3
    assert all("expected_intent" in row for row in rows)
    after = digests(tree)
    assert {name: after[name] for name in before} == before
    assert sorted(set(after) - set(before)) == sorted(WRITTEN)

    checked = harness(tree, "check", "--json")
    assert checked.code == 0, checked.err
    assert [goal["target"] for goal in checked.data["goals"]] == [0.9]
    assert any("fewer than 12" in warning for warning in checked.data["warnings"])

    again = harness(tree, "init", "--yes")
    assert again.code == 0, again.err
    assert again.out.count("left") == 4
    assert digests(tree) == after


@pytest.mark.parametrize("text", ['[project]\nname = "a"', '[project]\r\nname = "a"\r\n', "", "# nothing\n\n"])
def test_settings_are_appended_to_pyproject_and_the_rest_stays(bare_app: BareApp, text: str) -> None:
    tree = bare_app("classify", {"pyproject.toml": text, ".gitignore": ".env\n"})
    (tree / ".env").write_text("KEY=1\n", "utf-8")
    said = harness(tree, "init", "--yes")
    assert said.code == 0, said.err
    written = (tree / "pyproject.toml").read_bytes()
    assert written.startswith(text.encode())
    assert (b"\r\n" in written) == ("\r\n" in text)
    assert written.replace(b"\r\n", b"\n").count(b"\r") == 0
    assert not (tree / "harness.toml").exists()
    chosen = settings.load(tree, {})
    assert (chosen.graph, chosen.link) == ("app/graph.py:graph", (".env",))


def test_what_stands_is_left(bare_app: BareApp) -> None:
    goals = "## Goals\n\n- **Accuracy**: 80%\n\n## Evaluation Methods\n\n- Test Cases: t.json\n"
    files = {
        "pyproject.toml": "tool = {other = {x = 1}}\n",  # an inline table, to which no table can be added
        ".langgraph-master/fine-tune.md": goals,
        "reports/old/report.md": "old",
    }
    tree = bare_app("classify", files)
    said = harness(tree, "init", "--yes", "--json")
    assert said.code == 0, said.err
    assert [file["path"] for file in said.data["files"] if file["written"]] == ["t.json", "harness.toml"]
    assert len(json.loads((tree / "t.json").read_text("utf-8"))["test_cases"]) == 3
    assert git(tree, "status", "--porcelain").split() == ["??", "harness.toml", "??", "t.json"]
    assert harness(tree, "check").code == 0
    assert tomllib.loads((tree / "harness.toml").read_text("utf-8"))["graph"] == "app/graph.py:graph"


def test_of_several_graphs_one_is_proposed_with_the_reason(bare_app: BareApp) -> None:
    tree = bare_app("odd")
    said = harness(tree, "init", "--dry-run", "--json")
    assert said.code == 0, said.err
    known = {one["entry"]: one["llm"] for one in said.data["candidates"]}
    assert len(known) > 1
    assert len(known[said.data["graph"]]) == max(map(len, known.values()))
    assert "the graph with the most nodes that call a model" in said.data["why"]
    assert git(tree, "status", "--porcelain") == ""
    said = harness(tree, "init", "--yes", "--graph", "odd.py:chatting")
    assert said.code == 0, said.err
    first = json.loads((tree / "evals/cases.jsonl").read_text("utf-8").splitlines()[0])
    assert isinstance(first["input"], str)  # the app keeps its text in a list of messages
    assert harness(tree, "check").code == 0


def test_of_langgraph_json_the_first_graph_that_calls_a_model_is_taken(bare_app: BareApp) -> None:
    plain = "from langgraph.graph import StateGraph\ngraph = StateGraph(dict).add_node('a', print).compile()\n"
    named = {"graphs": {"index": "./index.py:graph", "app": "./app/graph.py:graph"}}
    tree = bare_app("classify", {"index.py": plain, "langgraph.json": json.dumps(named)})
    said = harness(tree, "init", "--yes", "--json")
    assert said.code == 0, said.err
    assert said.data["graph"] == "app/graph.py:graph"
    assert "langgraph.json" in said.data["why"]
    assert said.data["inputs"] == {"required": {"ticket": "str"}, "optional": {}, "text": "ticket"}
    assert harness(tree, "check").code == 0


HELD = {
    "evals/old.csv": "ticket,intent\nI was charged twice,billing\nThe box is broken,shipping\n",
    "tests/test_app.py": """
from app.graph import graph

def test_login():
    result = graph.invoke({"ticket": "I cannot log in"})
    assert result["intent"] == "technical"

def test_nothing():
    graph.invoke({"ticket": "Hello?"})
""",
    "README.md": "# App\n\n```python\ngraph.invoke({'ticket': 'Where is my parcel?'})\n```\n",
}


def test_cases_are_drafted_from_what_the_repository_has(bare_app: BareApp) -> None:
    tree = bare_app("classify", HELD)
    shown = harness(tree, "init", "--dry-run")
    assert shown.code == 0, shown.err
    assert "... and 2 cases more" in shown.out
    assert "nothing was written" in shown.out
    assert git(tree, "status", "--porcelain") == ""

    said = harness(tree, "init", "--yes", "--json")
    assert said.code == 0, said.err
    rows = [json.loads(line) for line in (tree / "evals/cases.jsonl").read_text("utf-8").splitlines()]
    told = {row["metadata"]["source"]: (row["input"]["ticket"], row.get("expected_intent")) for row in rows}
    assert told == {
        "evals/old.csv:2": ("I was charged twice", "billing"),
        "evals/old.csv:3": ("The box is broken", "shipping"),
        "tests/test_app.py:5": ("I cannot log in", "technical"),
        "tests/test_app.py:9": ("Hello?", None),
        "README.md:4": ("Where is my parcel?", None),
    }
    assert said.data["cases"]["without_expectation"] == [rows[3]["id"], rows[4]["id"]]
    assert [(one["file"], one["found"], one["kept"]) for one in said.data["cases"]["sources"]] == [
        ("README.md", 1, 1), ("evals/old.csv", 2, 2), ("tests/test_app.py", 2, 2)
    ]  # fmt: skip
    checked = harness(tree, "check", "--json")
    assert checked.code == 0, checked.err
    assert any(text.startswith("2 of 5 cases are drafts without an expectation") for text in checked.data["warnings"])


def test_a_graph_that_needs_arguments_leaves_the_rest_to_be_written(bare_app: BareApp) -> None:
    tree = bare_app("classify")
    made = "from langgraph.graph import StateGraph\n\n\ndef make(model):\n    b = StateGraph(dict)\n"
    made += "    b.add_node('a', model)\n    return b.compile()\n"
    (tree / "app/graph.py").write_text(made, "utf-8")
    git(tree, "commit", "-qam", "a factory")
    said = harness(tree, "init", "--yes", "--json")
    assert said.code == 0, said.err
    assert said.data["graph"] == ""
    assert "make(model)" in said.data["why"]
    assert said.data["next"][0].startswith("name the graph")
    refused = harness(tree, "check")
    assert refused.code == 2
    assert refused.err.count("fix: ") == 1  # the graph is all that is wrong


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no terminal to ask on"),
        ({"pyproject.toml": "[tool.harness]\nrnus = 3\n"}, "unknown setting 'rnus'"),
        ({"pyproject.toml": "[project\n"}, "not valid TOML"),
    ],
)
def test_refusals_write_nothing(bare_app: BareApp, files: dict[str, str], words: str) -> None:
    tree = bare_app("classify", files)
    before = digests(tree)
    said = harness(tree, "init", *(["--yes"] if files else []))
    assert said.code == 2
    assert words in said.err
    assert "fix: " in said.err
    assert digests(tree) == before


def test_a_folder_in_the_way_is_named_and_what_was_written_stays(bare_app: BareApp) -> None:
    tree = bare_app("classify")
    (tree / "evals").rmdir()
    (tree / "evals").write_text("a file where a folder belongs\n", "utf-8")
    said = harness(tree, "init", "--yes")
    assert said.code == 3
    assert "evals/cases.jsonl: cannot be written" in said.err
    assert "harness init" in said.err


@pytest.mark.parametrize("stands", [None, "# Ours\r\n\r\nBe kind.", "# Ours\n"])
def test_agents_are_told_once_and_what_stands_keeps_its_bytes(bare_app: BareApp, stands: str | None) -> None:
    tree = bare_app("classify", {} if stands is None else {"AGENTS.md": stands})
    assert harness(tree, "init", "--yes").code == 0
    path = tree / "AGENTS.md"
    assert path.exists() is (stands is not None)
    for _ in range(2):
        assert harness(tree, "init", "--yes", "--agents").code == 0
    text = path.read_bytes().decode("utf-8")
    assert text.startswith(stands or "# Notes")
    assert text.count("harness try --title") == 1
    assert ("\n" in text.replace("\r\n", "")) is ("\r" not in (stands or ""))


def test_it_asks_on_a_terminal(bare_app: BareApp) -> None:
    tree = bare_app("odd")
    code, shown = on_terminal(tree, ["init"], ["odd.py:chatting", "none", "82.5", "1.5", "", "y"])
    assert code == 0, shown
    assert "write a number above 0" in shown
    checked = harness(tree, "check", "--json")
    assert checked.code == 0, checked.err
    assert {goal["metric"]: goal["target"] for goal in checked.data["goals"]} == {"contains": 0.825, "latency": 1.5}


def test_a_no_on_a_terminal_writes_nothing(bare_app: BareApp) -> None:
    tree = bare_app("classify")
    code, shown = on_terminal(tree, ["init"], ["", "", "", "n"])
    assert code == 0, shown
    assert "nothing was written" in shown
    assert git(tree, "status", "--porcelain") == ""


def test_the_end_of_input_at_a_question_leaves_without_a_word_of_python(bare_app: BareApp) -> None:
    tree = bare_app("classify")
    code, shown = on_terminal(tree, ["init"], ["\x04"])
    assert code == 130, shown
    assert "Traceback" not in shown
    assert git(tree, "status", "--porcelain") == ""
