"""Copies an order out of a message: one node, whose reply should be JSON and is prose unless it is told."""

import json
import re
from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from scripted import Scripted

EXTRACT = "Read the message of a customer and find the order."


def rule(system: str, text: str, luck: float) -> str:
    number, pieces = re.findall(r"[A-Z]{2}-\d+", text)[0], int(re.findall(r"(\d+) pieces", text)[0])
    if '"order"' in system:
        return json.dumps({"order": number, "pieces": pieces})
    return f"This is about {pieces} pieces of order {number}."


class State(TypedDict, total=False):
    message: str
    record: str


def extract(state: State) -> State:
    reply = Scripted(rule=rule).invoke([SystemMessage(EXTRACT), HumanMessage(state["message"])])
    return {"record": str(reply.content)}


builder = StateGraph(State)
builder.add_node("extract", extract)
builder.add_edge(START, "extract")
builder.add_edge("extract", END)
graph = builder.compile()
