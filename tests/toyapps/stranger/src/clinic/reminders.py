"""Another graph of the same repo, without a model."""

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict


class Visit(TypedDict, total=False):
    day: str
    text: str


def remind(visit: Visit) -> Visit:
    return {"text": f"We expect you on {visit['day']}."}


builder = StateGraph(Visit)
builder.add_node("remind", remind)
builder.add_edge(START, "remind")
builder.add_edge("remind", END)
graph = builder.compile()
