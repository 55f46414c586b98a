"""`harness diff --split`: one node gets a copy of a shared text; the others keep the first one, or it is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.discover import discover
from tests.e2e.conftest import harness

_TEXTS = '''"""Prompts."""
RULE = """Sort the ticket: {ticket}
Say one word — no more."""  # both read it
OTHER = "Close the ticket."
'''
_NODE = """
def {name}(state):
    return {{"a": llm.invoke({use}.format(ticket=state["t"])).content}}
"""
_HEAD = """from typing import TypedDict
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
{imports}
llm = ChatOpenAI(model="gpt-x")
class State(TypedDict):
    t: str
    a: str
"""
_TAIL = """
graph = StateGraph(State)
graph.add_node("sort", sort)
graph.add_node("check", check)
graph.add_edge(START, "sort")
graph.add_edge("sort", "check")
graph.add_edge("check", END)
app = graph.compile()
"""


def written(root: Path, imports: str, first: str, second: str, texts: str = _TEXTS, head: str = _HEAD) -> Path:
    nodes = _NODE.format(name="sort", use=first) + _NODE.format(name="check", use=second)
    (root / "texts.py").write_text(texts, newline="")
    (root / "app.py").write_text(head.format(imports=imports) + nodes + _TAIL)
    for command in (["git", "init", "-q"], ["git", "add", "."]):
        subprocess.run(command, cwd=root, check=True)
    return root


def fed(root: Path) -> dict[str, set[str]]:
    return {prompt.id: set(prompt.nodes) for prompt in discover(root, "app.py:app").prompts}


def applied(root: Path, patch: str) -> None:
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=root, check=True)


@pytest.mark.parametrize(
    ("imports", "use"),
    [
        ("from texts import OTHER, RULE", "RULE"),
        ("from texts import (\n    RULE as R,\n)", "R"),
        ("import texts", "texts.RULE"),
        ("from texts import *", "RULE"),
        ('RULE = "Sort the ticket: {ticket}" "!"', "RULE"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_copy_feeds_its_node_alone_and_every_other_byte_stays(
    tmp_path: Path, imports: str, use: str, newline: str
) -> None:
    root = written(tmp_path, imports, use, use, _TEXTS.replace("\n", newline))
    id = next(prompt for prompt, nodes in fed(root).items() if nodes == {"sort", "check"})
    before = {file: (root / file).read_bytes().splitlines() for file in ("app.py", "texts.py")}
    said = harness(root, "diff", "--prompt", id, "--split", "check", "--json")
    assert said.code == 0 and said.data["copy"] == f"{id}_CHECK"
    applied(root, said.data["diff"])
    assert fed(root) == {id: {"sort"}, f"{id}_CHECK": {"check"}}
    for file, lines in before.items():
        after = (root / file).read_bytes().splitlines()
        assert [line for line in after if b"_CHECK" not in line and after.count(line) == lines.count(line)] == [
            line for line in lines if after.count(line) == lines.count(line)
        ]


def test_a_new_text_goes_into_the_copy_alone(tmp_path: Path) -> None:
    root = written(tmp_path, "from texts import RULE", "RULE", "RULE")
    (root / "new.txt").write_text("Check the ticket: {ticket}\nSay yes or no.")
    said = harness(root, "diff", "--prompt", "texts.py:RULE", "--split", "check", "--text", "new.txt", "--json")
    applied(root, said.data["diff"])
    texts = {prompt.id: (prompt.text, prompt.nodes) for prompt in discover(root, "app.py:app").prompts}
    assert texts["texts.py:RULE_CHECK"] == ("Check the ticket: {ticket}\nSay yes or no.", ("check",))
    assert texts["texts.py:RULE"][0].startswith("Sort the ticket") and texts["texts.py:RULE"][1] == ("sort",)


@pytest.mark.parametrize(
    ("imports", "first", "second", "split", "words"),
    [
        ("from texts import RULE", "RULE", "RULE", "nowhere", "does not feed a node 'nowhere'"),
        ("from texts import OTHER, RULE", "OTHER", "RULE", "check", "feeds check alone"),
        ("from texts import RULE\ndef rule():\n    return RULE", "rule()", "rule()", "check", "does not name RULE"),
        ("import texts\nBOTH = {'a': texts.RULE}", "BOTH['a']", "BOTH['a']", "check", "does not name RULE"),
    ],
)
def test_what_cannot_be_split_is_refused_with_place_and_fix(
    tmp_path: Path, imports: str, first: str, second: str, split: str, words: str
) -> None:
    root = written(tmp_path, imports, first, second)
    said = harness(root, "diff", "--prompt", "texts.py:RULE", "--split", split)
    assert said.code == 2 and words in said.err and "fix:" in said.err


def test_a_copy_that_reading_again_does_not_find_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shown.py").write_text("from texts import RULE\n")
    root = written(tmp_path, "from shown import RULE", "RULE", "RULE")
    said = harness(root, "diff", "--prompt", "texts.py:RULE", "--split", "check")
    assert said.code == 2 and "read again with its copy" in said.err
