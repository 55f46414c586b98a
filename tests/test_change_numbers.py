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


CONFIGURED = """\
import json, os, tomllib, yaml
from pathlib import Path
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph

SET = LOAD["models"]["sort"]
llm = ChatOpenAI(model=SET["id"], temperature=float(SET["temperature"]), max_tokens=SET.get("max_tokens", 9),
                 timeout=int(os.getenv("WAIT", 30)))

def sort(state): return llm.invoke([("system", "Sort the ticket.")])

builder = StateGraph(dict)
builder.add_node("sort", sort)
graph = builder.compile()
"""
DOCUMENTS = {  # how it is loaded, the document; the numbers that are changed stand in other places too
    "yaml": (
        'yaml.safe_load(open("set.yaml"))',
        "# 0.70 é\nlast: 64\nmodels:\n  sort: &s\n    id: gpt-4o  # now\n    temperature: 0.70  # warm\n"
        "    max_tokens: !!int 64\n  other: {temperature: 0.70, max_tokens: 64}\n",
    ),
    "toml": (
        'tomllib.loads(Path("set.toml").read_text())',
        '# 0.70 é\nlast = 64\nday = 2026-01-02\nlist = [0.70, 64, "64"]\n64 = 1\n[models.sort]\nid = "gpt-4o" # now\n'
        "temperature = 0.70 # warm\nmax_tokens=64\n[models.other]\ntemperature = 0.70\n",
    ),
    "json": (
        'json.loads(Path("set.json").read_text())',
        '{"é": 0.70, "last": 64,\n "models": {"sort": {"id": "gpt-4o", "temperature" : 0.70,"max_tokens":64},\n'
        '  "other": {"temperature": 0.70}}}\n',
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        ("temperature", "0", "0.70", "0"),
        ("temperature", "0.25", "0.70", "0.25"),
        ("max_tokens", "128", "64", "128"),
        ("model", "gpt-4.1-mini", "gpt-4o", "gpt-4.1-mini"),
    ],
)
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_what_a_document_gives_to_a_model_is_changed_in_the_document(
    tmp_path: Path, kind: str, name: str, value: str, old: str, new: str, newline: str
) -> None:
    load, text = DOCUMENTS[kind]
    (tmp_path / "app.py").write_text(CONFIGURED.replace("LOAD", load))
    file = tmp_path / f"set.{kind}"
    file.write_bytes(text.replace("\n", newline).encode())
    before, nodes = file.read_bytes(), discover(tmp_path, "app.py:graph").nodes
    use = nodes[0].models[0]
    assert (use.id, use.parameters) == ("gpt-4o", {"temperature": 0.7, "max_tokens": 64, "timeout": 30})
    assert set(use.literals) == {"model", "temperature", "max_tokens"}, "an environment variable wins over the timeout"
    change = bind_parameter(proposed(nodes[0], name, value), nodes[0], nodes, id="c01", proposer="test")
    edit = apply(tmp_path, change)
    own = before.index(b"sort")
    at = before.index(old.encode(), own)
    assert file.read_bytes() == before[:at] + new.encode() + before[at + len(old) :]
    (again,) = discover(tmp_path, "app.py:graph").nodes[0].models
    assert {"model": again.id, **again.parameters}[name] == (value if name == "model" else float(value))
    undo(tmp_path, edit)
    assert file.read_bytes() == before


def test_a_number_that_the_format_reads_as_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CONFIGURED.replace("LOAD", DOCUMENTS["yaml"][0]))
    (tmp_path / "set.yaml").write_text(DOCUMENTS["yaml"][1])
    nodes = discover(tmp_path, "app.py:graph").nodes
    change = bind_parameter(proposed(nodes[0], "temperature", "1e-05"), nodes[0], nodes, id="c01", proposer="test")
    with pytest.raises(Refused, match="not be readable"):
        apply(tmp_path, change)
    assert (tmp_path / "set.yaml").read_text() == DOCUMENTS["yaml"][1]
