"""Sorts tickets: clean the text, name the intent, answer."""

from typing import TypedDict

from app.model import ScriptedChat
from app.prompts import CLASSIFY, REPLY
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph

model = ScriptedChat(model="scripted-1", temperature=0.2, max_tokens=64)


class State(TypedDict, total=False):
    ticket: str
    clean: str
    intent: str
    answer: str


def tidy(state: State) -> State:
    return {"clean": " ".join(state["ticket"].split())}


def classify(state: State) -> State:
    reply = model.invoke([SystemMessage(CLASSIFY), HumanMessage(state["clean"])])
    return {"intent": reply.text if isinstance(reply.text, str) else reply.text()}


def respond(state: State) -> State:
    style = "friendly"
    system = f"You write one {style} sentence to a customer.\nTheir message is about: {state['intent']}"
    prompt = REPLY.format(ticket=state["clean"])
    reply = model.invoke([SystemMessage(system), HumanMessage(prompt)])
    return {"answer": str(reply.content)}


builder = StateGraph(State)
builder.add_node("tidy", tidy)
builder.add_node("classify", classify)
builder.add_node("respond", respond)
builder.add_edge(START, "tidy")
builder.add_edge("tidy", "classify")
builder.add_edge("classify", "respond")
builder.add_edge("respond", END)
graph = builder.compile()
