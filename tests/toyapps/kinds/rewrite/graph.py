"""Rewrites rude notes as polite ones; the model goes on talking unless it is told how long a note may be."""

import re
from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from scripted import Scripted, share

REWRITE = "Rewrite the note so that it is polite."
TALK = " I hope that this finds you well and that you do not mind my asking, for I know how busy everybody is."


def rule(system: str, text: str, luck: float) -> str:
    thing = re.findall(r"the (\w+)", text)[0]
    short = re.search(r"at most \d+ words|be brief", system, re.IGNORECASE) or share("terse", text) < 0.2
    return f"Please bring the {thing} today.{'' if short else TALK}"


class State(TypedDict, total=False):
    note: str
    polite: str


def rewrite(state: State) -> State:
    reply = Scripted(rule=rule).invoke([SystemMessage(REWRITE), HumanMessage(state["note"])])
    return {"polite": str(reply.content)}


builder = StateGraph(State)
builder.add_node("rewrite", rewrite)
builder.add_edge(START, "rewrite")
builder.add_edge("rewrite", END)
graph = builder.compile()
