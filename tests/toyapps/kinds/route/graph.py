"""Sends a ticket to one of three desks; the model guesses their names unless it is told, and errs at random."""

from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from scripted import Scripted, names_all

ROUTE = "Decide which desk gets this ticket."
DESKS = {"refunds": "money", "outages": "down", "sales": "buy"}


def rule(system: str, text: str, luck: float) -> str:
    right = next(desk for desk, mark in DESKS.items() if mark in text)
    others = [desk for desk in DESKS if desk != right]
    return right if luck < (0.92 if names_all(system, list(DESKS)) else 0.4) else others[int(luck * 1000) % 2]


class State(TypedDict, total=False):
    ticket: str
    route: str
    answer: str


def route(state: State) -> State:
    reply = Scripted(rule=rule).invoke([SystemMessage(ROUTE), HumanMessage(state["ticket"])])
    return {"route": str(reply.content)}


def desk(state: State) -> State:
    return {"answer": f"Handed to {state['route']}."}


builder = StateGraph(State)
builder.add_node("route", route)
for name in DESKS:
    builder.add_node(name, desk)
    builder.add_edge(name, END)
builder.add_edge(START, "route")
builder.add_conditional_edges("route", lambda state: state["route"], list(DESKS))
graph = builder.compile()
