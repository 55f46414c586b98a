"""Keys of a graph's state, read without running it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.discover import entries, keys

HEAD = """
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import create_react_agent

llm = ChatOpenAI(model="m")


class State(TypedDict, total=False):
    text: str
    amount: int
    clean: str
    label: Literal["a", "b"]


class Chat(MessagesState):
    tone: str


class Asked(TypedDict):
    question: str


@dataclass
class Told:
    topic: str
    notes: Annotated[list, add_messages]
    answer: str = ""


def tidy(state):
    return {"clean": state["text"]}


def judge(state):
    return {"label": llm.invoke(f"Judge {state['clean']}").content}


def chat(state):
    return {"messages": [llm.invoke(state["messages"])]}


def tell(state):
    return {"answer": llm.invoke(state.topic).content}
"""


@pytest.mark.parametrize(
    ("graph", "given", "answered"),
    [
        (
            'StateGraph(State).add_node("t", tidy).add_node("j", judge).add_edge(START, "t")',
            {"text": "str", "amount": "int"},
            {"label": "Literal['a', 'b']"},
        ),
        ('StateGraph(MessagesState).add_node("c", chat).add_edge(START, "c")', {"messages": "messages"}, {}),
        (
            'StateGraph(Chat).add_node("c", chat).add_edge(START, "c")',
            {"messages": "messages", "tone": "str"},
            {},
        ),
        (
            'StateGraph(State, input_schema=Asked).add_node("j", judge).add_edge(START, "j")',
            {"question": "str"},
            {"label": "Literal['a', 'b']"},
        ),
        (
            'StateGraph(Told).add_node("t", tell).add_edge(START, "t")',
            {"topic": "str", "notes": "messages"},
            {"answer": "str"},
        ),
        ("create_react_agent(llm, [])", {"messages": "messages"}, {}),
        ("StateGraph(dict)", {}, {}),
    ],
)
def test_what_a_case_gives_and_what_models_answer(
    tmp_path: Path, graph: str, given: dict[str, str], answered: dict[str, str]
) -> None:
    built = graph if graph.startswith("create") else f"{graph}.compile()"
    (tmp_path / "app.py").write_text(f"{HEAD}\n\ngraph = {built}\n", "utf-8")
    found = keys(tmp_path, "app.py:graph")
    assert (found.given, found.answered) == (given, answered)
    assert set(given) <= set(found.fields)


def test_what_may_be_left_out_of_a_case(tmp_path: Path) -> None:
    state = """
class Wanted(BaseModel):
    text: str
    why: str = Field(..., description="why")
    tone: str = Field(default="warm")
    size: NotRequired[int]
    kind: str = "mail"
"""
    built = "graph = StateGraph(Wanted).add_node('t', tell).add_edge(START, 't').compile()"
    (tmp_path / "app.py").write_text(f"{HEAD}\n{state}\n{built}\n", "utf-8")
    found = keys(tmp_path, "app.py:graph")
    assert list(found.given) == ["text", "why", "tone", "size", "kind"]
    assert found.optional == {"tone", "size", "kind"}


def test_the_toy_and_every_graph_that_could_be_meant(toy_tree: Callable[[str], Path]) -> None:
    found = keys(toy_tree("classify"), "app/graph.py:graph")
    assert (found.given, found.answered) == ({"ticket": "str"}, {"intent": "str", "answer": "str"})
    assert {"odd.py:graph", "odd.py:chatting"} <= set(entries(toy_tree("odd")))
