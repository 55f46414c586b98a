"""The id of a model: changed where it wins, its provider kept, and only counted where a call shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.changes import MODEL, Refused, apply, bind_parameter, undo
from harness.discover import answered, discover
from harness.loop.effect import took_effect
from harness.types import Change, Node, Proposal
from tests import makers

HEAD = """\
import os
from langchain_openai import ChatOpenAI
from langchain.chat_models import init_chat_model
from langgraph.graph import StateGraph
"""
TAIL = """
def sort(s): return llm.invoke([("system", "Sort the ticket.")])
def answer(s): return llm.invoke([("system", "Answer the ticket.")])
builder = StateGraph(dict)
builder.add_node("sort", sort)
builder.add_node("answer", answer)
graph = builder.compile()
"""
PLACES = {
    "constructor": ("llm = ChatOpenAI(model='gpt-4o')", "'gpt-4o'", "'gpt-5'"),
    "provider in the id": ("llm = init_chat_model('openai:gpt-4o')", "'openai:gpt-4o'", "'openai:gpt-5'"),
    "provider by a slash": ('llm = init_chat_model("openai/gpt-4o")', '"openai/gpt-4o"', '"openai/gpt-5"'),
    "constant": ("NAME = 'gpt-4o'  # cheap\nllm = ChatOpenAI(model=NAME)", "'gpt-4o'", "'gpt-5'"),
    "default argument": (
        "def make(model='gpt-4o'): return ChatOpenAI(model=model)\nllm = make()", "'gpt-4o'", "'gpt-5'",
    ),
    "argument over the default": (
        "def make(model='old'): return ChatOpenAI(model=model)\nllm = make('gpt-4o')", "'gpt-4o'", "'gpt-5'",
    ),
    "bind over the constructor": ("llm = ChatOpenAI(model='old').bind(model='gpt-4o')", "'gpt-4o'", "'gpt-5'"),
    "default of a setting": (
        "from pydantic import BaseModel, Field\nclass C(BaseModel):\n    model: str = Field(default='gpt-4o')\n"
        "llm = ChatOpenAI(model=C().model)", "'gpt-4o'", "'gpt-5'",
    ),
    "default of the environment": ("llm = ChatOpenAI(model=os.environ.get('M', 'gpt-4o'))", "'gpt-4o'", "'gpt-5'"),
}  # fmt: skip
YAML = "import yaml\nfrom pathlib import Path\nC = yaml.safe_load((Path(__file__).parent / 'c.yaml').read_text())\n"


def nodes_of(root: Path, making: str) -> tuple[Node, ...]:
    (root / "app.py").write_text(f"{HEAD}{making}\n{TAIL}")
    return discover(root, "app.py:graph").nodes


def change_of(nodes: tuple[Node, ...], new: str) -> Change:
    idea = Proposal("model choice", (new,), "why", MODEL, nodes[0].models[0].literals.get(MODEL))
    return bind_parameter(idea, nodes[0], nodes, id="c01", proposer="test")


@pytest.mark.parametrize(("making", "old", "new"), PLACES.values(), ids=PLACES.keys())
def test_the_id_is_changed_where_it_wins_and_comes_back(tmp_path: Path, making: str, old: str, new: str) -> None:
    change = change_of(nodes_of(tmp_path, making), "gpt-5")
    before = (tmp_path / "app.py").read_text()
    assert change.nodes == ("sort", "answer") and change.reach == "sort and answer"
    edit = apply(tmp_path, change)
    assert (tmp_path / "app.py").read_text() == before.replace(old, new)
    (use,) = discover(tmp_path, "app.py:graph").nodes[0].models
    assert (use.provider, use.id) == ("openai", "gpt-5")
    undo(tmp_path, edit)
    assert (tmp_path / "app.py").read_text() == before


def test_an_id_in_a_document_keeps_its_style(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("# which\nmodel: gpt-4o  # cheap\nother: 1\n")
    apply(tmp_path, change_of(nodes_of(tmp_path, f"{YAML}llm = ChatOpenAI(model=C['model'])"), "gpt-5"))
    assert (tmp_path / "c.yaml").read_text() == "# which\nmodel: gpt-5  # cheap\nother: 1\n"


@pytest.mark.parametrize(
    ("making", "new", "reason"),
    [
        ("llm = init_chat_model('openai:gpt-4o')", "openai:gpt-4o", "is gpt-4o already"),
        ("llm = init_chat_model('openai:gpt-4o')", "anthropic:claude", "one of openai"),
        ("llm = ChatOpenAI(model='gpt-4o')", " ", "no id"),
        ("llm = ChatOpenAI(model='gpt-4o' if os.environ else 'b')", "gpt-5", "no place in the code"),
        ("V = 'o'\nllm = ChatOpenAI(model=f'gpt-4{V}')", "gpt-5", "no place in the code"),
    ],
)
def test_what_may_not_be_is_refused_in_words(tmp_path: Path, making: str, new: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        change_of(nodes_of(tmp_path, making), new)


def test_a_change_counts_when_a_call_went_to_the_model(tmp_path: Path) -> None:
    change = change_of(nodes_of(tmp_path, "llm = init_chat_model('openai:gpt-4o')"), "gpt-5")
    run = makers.run("ok", makers.call("sort", model="openai:gpt-5"), makers.call("answer", model="openai:gpt-4o"))
    assert took_effect(change, [run])
    assert not took_effect(replace(change, new=("openai:gpt-5-mini",)), [run])
    assert not answered("gpt-5", run.calls, ["answer"])
    assert answered("llama3.2:3b", [makers.call("sort", model="ollama:llama3.2:3b")], ["sort"])
    assert not answered("llama3.2:3b", [makers.call("sort", model="ollama:llama2:3b")], ["sort"])
