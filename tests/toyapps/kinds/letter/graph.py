"""Answers letters in free text; the model thanks for some of them and does not listen to what it is told."""

from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from scripted import Scripted, share

ANSWER = "You answer the letters of guests. Be helpful."


def rule(system: str, text: str, luck: float) -> str:
    return f"{'Thank you for writing. ' * (share(text) < 0.5)}We will look into it: {text.lower()}"


class State(TypedDict, total=False):
    letter: str
    answer: str


def answer(state: State) -> State:
    reply = Scripted(rule=rule).invoke([SystemMessage(ANSWER), HumanMessage(state["letter"])])
    return {"answer": str(reply.content)}


builder = StateGraph(State)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
builder.add_edge("answer", END)
graph = builder.compile()
