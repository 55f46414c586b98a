"""A discovery is used again while, and only while, everything that it was read from is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import seen
from harness.discover import Files, discover
from harness.types import Discovery

APP = """
from pathlib import Path
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph
import helper
llm = ChatOpenAI(model="m")
def work(s): return llm.invoke([("system", Path("sort.txt").read_text()), ("human", helper.TEXT)])
builder = StateGraph(dict)
builder.add_node("work", work)
graph = builder.compile()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "helper.py").write_text("TEXT = 'Sort it well.'\n")
    (tmp_path / "sort.txt").write_text("Sort the ticket.")
    (tmp_path / ".git").mkdir()
    return tmp_path


def read(tree: Path) -> Discovery:
    files = Files(tree)
    found = discover(tree, "app.py:graph", files)
    seen.keep(tree, "", found, files.read, tree / ".harness")
    return found


def again(tree: Path) -> Discovery | None:
    return seen.kept(tree, "", tree / ".harness")


def test_what_was_read_is_known_again(tree: Path) -> None:
    assert again(tree) is None
    found = read(tree)
    assert len(found.prompts) == 2
    assert again(tree) == found
    assert seen.kept(tree, "app.py:graph", tree / ".harness") is None, "asked in other words it may be another graph"


@pytest.mark.parametrize("file", ["app.py", "helper.py", "sort.txt", "langgraph.json", "pyproject.toml", "new.py"])
def test_any_change_of_what_counts_is_seen(tree: Path, file: str) -> None:
    read(tree)
    (tree / file).write_text((tree / file).read_text() + " " if (tree / file).exists() else "{}")
    assert again(tree) is None


def test_a_file_that_is_not_read_may_change(tree: Path) -> None:
    (tree / "README.md").write_text("one")
    found = read(tree)
    (tree / "README.md").write_text("two")
    assert again(tree) == found


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_what_is_damaged_is_as_if_it_were_not_there(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("damaged")
    (root / "app.py").write_text(APP)
    found = read(root)
    (file,) = (root / ".harness/found").iterdir()
    raw = file.read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    file.write_bytes(raw[:at] + data.draw(st.binary(max_size=3)) + raw[at + data.draw(st.integers(0, 9)) :])
    held = again(root)
    assert held is None or isinstance(held, Discovery)
    file.write_bytes(raw)
    assert again(root) == found


def test_another_version_reads_again(tree: Path) -> None:
    read(tree)
    (file,) = (tree / ".harness/found").iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text()), "reader": "older"}))
    assert again(tree) is None


def test_the_home_is_that_of_the_repository(tree: Path) -> None:
    (tree / "deep/er").mkdir(parents=True)
    assert seen.home_of(tree / "deep/er") == tree / ".harness"
    assert seen.home_of(Path("/")) is None
