"""A number given to a model: one literal or one more keyword of a real file, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.changes import Refused, Stale, apply, bind_parameter, new_number, undo
from harness.discover import discover
from harness.types import Change, Node, Proposal

APP = """\
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph

warm = ChatOpenAI(model="m", temperature=0.70)  # as it was
bare = ChatOpenAI(
    model="é",
    timeout=9,  # seconds
)

def sort(state): return warm.invoke([("system", "Sort the ticket.")])
def answer(state): return warm.invoke([("system", "Answer the ticket.")])
def close(state): return bare.invoke([("system", "Close the ticket.")])

builder = StateGraph(dict)
builder.add_node("sort", sort)
builder.add_node("answer", answer)
builder.add_node("close", close)
graph = builder.compile()
"""


def read(root: Path, newline: str = "\n") -> tuple[Node, ...]:
    (root / "app.py").write_bytes(APP.replace("\n", newline).encode())
    return discover(root, "app.py:graph").nodes


def proposed(node: Node, name: str, value: str) -> Proposal:
    use = node.models[0]
    return Proposal("test", (value,), "why", name, use.literals.get(name) or use.room)


def change_of(nodes: tuple[Node, ...], at: int, name: str, value: str) -> Change:
    return bind_parameter(proposed(nodes[at], name, value), nodes[at], nodes, id="c01", proposer="test")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("at", "name", "value", "old", "new"),
    [
        (0, "temperature", "0", "temperature=0.70)", "temperature=0)"),
        (0, "max_tokens", "16", "temperature=0.70)", "temperature=0.70, max_tokens=16)"),
        (2, "temperature", "0.3", "timeout=9,  #", "timeout=9, temperature=0.3,  #"),
    ],
)
def test_one_number_changes_and_comes_back(
    tmp_path: Path, newline: str, at: int, name: str, value: str, old: str, new: str
) -> None:
    nodes = read(tmp_path, newline)
    before = (tmp_path / "app.py").read_bytes()
    change = change_of(nodes, at, name, value)
    edit = apply(tmp_path, change)
    assert (tmp_path / "app.py").read_bytes() == before.replace(old.encode(), new.encode())
    (use,) = discover(tmp_path, "app.py:graph").nodes[at].models
    assert use.parameters[name] == new_number(change) == float(value)
    undo(tmp_path, edit)
    assert (tmp_path / "app.py").read_bytes() == before


def test_a_shared_model_names_every_node_that_it_changes(tmp_path: Path) -> None:
    nodes = read(tmp_path)
    assert change_of(nodes, 0, "temperature", "0").nodes == ("sort", "answer")
    assert change_of(nodes, 2, "temperature", "0").nodes == ("close",)


def test_a_change_reads_as_it_is_written(tmp_path: Path) -> None:
    nodes = read(tmp_path)
    assert change_of(nodes, 0, "temperature", "0").texts == ("temperature=0.7", "temperature=0")
    assert change_of(nodes, 2, "temperature", "0").texts == ("", "temperature=0")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("temperature", "0.7", "is 0.7 already"),
        ("temperature", "cold", "no number"),
        ("temperature", "0, max_tokens=1", "no number"),
        ("temperature", "True", "no number"),
    ],
)
def test_what_may_not_be_is_refused_in_words(tmp_path: Path, name: str, value: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        change_of(read(tmp_path), 0, name, value)


def test_a_place_of_another_node_is_refused(tmp_path: Path) -> None:
    nodes = read(tmp_path)
    with pytest.raises(Refused, match="no place in the code"):
        bind_parameter(proposed(nodes[2], "timeout", "5"), nodes[0], nodes, id="c01", proposer="test")
    with pytest.raises(Refused, match="no place in the code"):
        idea = replace(proposed(nodes[0], "temperature", "0"), place=None)
        bind_parameter(idea, nodes[0], nodes, id="c01", proposer="test")


def test_a_file_changed_since_is_not_touched(tmp_path: Path) -> None:
    change = change_of(read(tmp_path), 0, "temperature", "0")
    (tmp_path / "app.py").write_text(APP.replace("0.70", "0.90"))
    before = (tmp_path / "app.py").read_bytes()
    with pytest.raises(Stale):
        apply(tmp_path, change)
    assert (tmp_path / "app.py").read_bytes() == before


def test_a_keyword_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    nodes = read(tmp_path)
    change = change_of(nodes, 2, "temperature", "0")
    twice = replace(change, parameter="timeout")
    before = (tmp_path / "app.py").read_bytes()
    with pytest.raises(Refused):
        apply(tmp_path, twice)
    assert (tmp_path / "app.py").read_bytes() == before
