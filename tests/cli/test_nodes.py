"""`harness nodes` as a process: the table, a node opened, pictures, exit codes, and what it leaves behind."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.conftest import Recorded
from tests.conftest import git
from tests.e2e.conftest import harness

APP = """
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
llm = ChatOpenAI(
    model="m", temperature=0.2)
SORT = '''Sort {ticket}
into billing or other.'''
@tool
def shelf(q):
    '''Find a thing on the shelf.'''
    return llm.invoke("Which shelf is it?").content
def sort(s): return llm.bind_tools([shelf]).invoke(SORT.format(ticket=s["t"]))
def twin(s): return llm.invoke(SORT.format(ticket=s["t"]))
def end(s): return s
builder = StateGraph(dict)
builder.add_node("sort", sort)
builder.add_node("twin", twin)
builder.add_node("end", end)
builder.add_edge(START, "sort")
builder.add_conditional_edges("sort", lambda s: s["x"], {"again": "twin", "done": END})
graph = builder.compile()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def test_the_table_holds_everything_that_a_person_asks_for(tree: Path) -> None:
    said = harness(tree, "nodes", env={"COLUMNS": "80"})
    assert said.code == 0, said.err
    flat = " ".join(said.out.split())
    for words in (
        "sort (app.py:13-13)", "yes, line 13", "openai:m temperature=0.2", "makes no model call",
        "app.py:7-8 human format with ticket, shared with twin", "likely",
        "Model calls beside the nodes, never edited", "tool shelf", "app.py:12",
        "Also steers the model, never edited", "Find a thing on the shelf.",
    ):  # fmt: skip
        assert words in flat


def test_a_node_opened_says_where_everything_is_from(tree: Path) -> None:
    said = harness(tree, "nodes", "--show", "sort")
    for line in (
        "model     openai:m, made at app.py:5", "temperature=0.2, set at app.py:6",
        "way       sort -> twin (conditional) on 'again' at app.py:21", "  from    app.py:7 assigned to SORT",
        "  | Sort {ticket}", "  | into billing or other.",
    ):  # fmt: skip
        assert line in said.out
    wrong = harness(tree, "nodes", "--show", "srot", "--json")
    assert wrong.code == 2 and wrong.data["error"]["fix"] == "did you mean 'sort'?"
    assert [node["name"] for node in harness(tree, "nodes", "--show", "sort", "--json").data["nodes"]] == ["sort"]


def test_json_holds_edges_asides_and_what_steers(tree: Path) -> None:
    data = harness(tree, "nodes", "--json").data
    assert {(e["source"], e["target"], e["label"]) for e in data["edges"]} == {
        ("__start__", "sort", ""), ("sort", "twin", "again"), ("sort", "__end__", "done"),
    }  # fmt: skip
    assert [(a["kind"], a["name"], a["nodes"]) for a in data["asides"]] == [("tool", "shelf", ["sort"])]
    assert [(s["kind"], s["where"]) for s in data["steers"]] == [("tool", "app.py:11")]


def test_pictures_are_written_where_they_are_asked_for(tree: Path) -> None:
    said = harness(tree, "nodes", "--svg", "graph.svg")
    assert (said.code, said.out) == (0, "drawn: graph.svg\n")
    assert ET.parse(tree / "graph.svg").getroot().tag.endswith("svg")
    assert harness(tree, "nodes", "--mermaid").out.startswith("flowchart TD\n")
    lost = harness(tree, "nodes", "--svg", "no/such/graph.svg")
    assert lost.code == 2 and "no/such/graph.svg: cannot be written" in lost.err


def test_what_cannot_be_read_is_said_with_what_to_do(tree: Path) -> None:
    for path, words in (("nowhere", "does not exist"), ("app.py", "is a file, not a folder")):
        said = harness(tree, "nodes", path)
        assert said.code == 2 and words in said.err and "fix: give the path of a checkout" in said.err
    (tree / "other.py").write_text(APP)
    several = harness(tree, "nodes")
    assert several.code == 0
    assert "app.py:graph, other.py:graph" in several.out and "--graph" in several.out  # all are read, and it says so
    assert {node["file"] for node in harness(tree, "nodes", "--json").data["nodes"]} == {"app.py", "other.py"}
    assert harness(tree, "nodes", "--graph", "other.py:graph").code == 0
    for file in ("app.py", "other.py"):
        (tree / file).write_text("x = 1\n")
    none = harness(tree, "nodes")
    assert none.code == 2 and "no langgraph.json" in none.err and "--graph" in none.err


def test_only_a_repository_that_the_user_stands_in_is_written_to(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert harness(tree, "nodes").code == 0
    assert [p.name for p in tree.iterdir()] == ["app.py"], "no repository: nothing is kept"
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "app")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    first = harness(elsewhere, "nodes", str(tree), "--json").out
    assert not (tree / ".harness").exists(), "a tree that is only pointed at"
    assert harness(tree, "nodes", "--json").out == first
    assert len(list((tree / ".harness/found").iterdir())) == 1
    assert git(tree, "status", "--porcelain") == ""
    assert harness(tree, "nodes", "--json").out == first, "as kept"
    (tree / "app.py").write_text(APP.replace("Sort {ticket}", "Put {ticket}"))
    assert "Put {ticket}" in harness(tree, "nodes", "--show", "sort").out


def test_what_a_run_proved_is_shown_while_the_content_is_the_same(recorded: Recorded, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "-q", str(recorded.tree), "copy")
    (copy / ".harness").mkdir()
    (copy / ".harness/state.sqlite").write_bytes((recorded.tree / ".harness/state.sqlite").read_bytes())
    data = harness(copy, "nodes", "--json").data
    assert (data["run"], data["same"]) == (recorded.run, True)
    assert {p["proof"] for p in data["prompts"]} == {"proved"}
    assert f"proof: run {recorded.run} recorded" in harness(copy, "nodes").out
    file = copy / data["prompts"][0]["span"]["file"]
    file.write_text(file.read_text() + "\n# more\n")
    data = harness(copy, "nodes", "--json").data
    assert not data["same"] and {p["proof"] for p in data["prompts"]} == {"likely"}
    assert recorded.run in data["prompts"][0]["reason"]
