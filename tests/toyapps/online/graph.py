"""Sorts mails by a model over HTTP."""

from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

SORT = "Sort this mail by its topic."

model = ChatOpenAI(model="toy", temperature=0, max_retries=0)


class State(TypedDict, total=False):
    mail: str
    topic: str


def sort(state: State) -> State:
    reply = model.invoke([SystemMessage(SORT), HumanMessage(f"Mail: {state['mail']}")])
    return {"topic": str(reply.content)}


builder = StateGraph(State)
builder.add_node("sort", sort)
builder.add_edge(START, "sort")
builder.add_edge("sort", END)
graph = builder.compile()
