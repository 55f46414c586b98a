"""What both apps are made of."""

from typing import Any, TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from scripted import Scripted, names_all, share

LABELS = {"garden": "hedge", "kitchen": "oven", "garage": "tyre"}


def rule(system: str, text: str, luck: float) -> str:
    right = next(label for label, mark in LABELS.items() if mark in text)
    others = [label for label in LABELS if label != right]
    return right if names_all(system, list(LABELS)) or share(text) < 0.4 else others[len(text) % 2]


class State(TypedDict, total=False):
    note: str
    topic: str


def graph_of(prompt: str) -> Any:
    def sort(state: State) -> State:
        reply = Scripted(rule=rule).invoke([SystemMessage(prompt), HumanMessage(state["note"])])
        return {"topic": str(reply.content)}

    builder = StateGraph(State)
    builder.add_node("sort", sort)
    builder.add_edge(START, "sort")
    builder.add_edge("sort", END)
    return builder.compile()
