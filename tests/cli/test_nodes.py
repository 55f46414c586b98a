"""`harness nodes`: whose graph it reads, and how it reads where the terminal is narrow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import harness

TWO = {"graphs": {"a": "./app/other.py:graph", "b": "./app/graph.py:graph"}}


def test_the_graph_of_the_settings_is_read_where_none_is_named(toy_repo: Callable[[str], Path]) -> None:
    tree = toy_repo("classify")
    (tree / "langgraph.json").write_text(json.dumps(TWO), "utf-8")
    asked = harness(tree, "nodes")
    assert asked.code == 2 and "names several graphs" in asked.err
    (tree / "harness.toml").write_text('graph = "app/graph.py:graph"\n', "utf-8")
    said = harness(tree, "nodes", "--json")
    assert (said.code, said.data["graph"]) == (0, "app/graph.py:graph")


def test_in_a_narrow_terminal_each_node_is_a_paragraph_of_what_is_known(toy_repo: Callable[[str], Path]) -> None:
    tree = toy_repo("classify")
    folder = "a_folder_whose_name_takes_up_most_of_what_a_terminal_has_in_one_line_of_text"
    (tree / "app").rename(tree / folder)
    for file in (tree / folder).glob("*.py"):
        file.write_text(file.read_text("utf-8").replace("from app", f"from {folder}"), "utf-8")
    said = harness(tree, "nodes", "--graph", f"{folder}/graph.py:graph")
    paragraphs = said.out.partition("\n")[2].strip().split("\n\n")
    assert said.code == 0 and len(paragraphs) > 1
    for paragraph in paragraphs:
        lines = [line for line in paragraph.splitlines() if line.strip()]
        assert lines[0].startswith("Node ")
        assert all(line.partition("  ")[2].strip() for line in lines)
