"""Two nodes that can only be awaited read a review side by side, a third joins what they say."""

from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from scripted import Scripted, names_all, share

TOPIC = "What is this review about?"
MOOD = "How does the guest feel?"
TOPICS = {"food": "soup", "service": "waiter", "place": "terrace"}
MOODS = {"pleased": "lovely", "cross": "awful", "bored": "plain"}


def chosen(labels: dict[str, str], system: str, text: str) -> str:
    right = next(label for label, mark in labels.items() if mark in text)
    others = [label for label in labels if label != right]
    return right if names_all(system, list(labels)) or share(*labels, text) < 0.45 else others[len(text) % 2]


topics = Scripted(rule=lambda system, text, luck: chosen(TOPICS, system, text))
moods = Scripted(rule=lambda system, text, luck: chosen(MOODS, system, text))


class State(TypedDict, total=False):
    review: str
    topic: str
    mood: str
    summary: str


async def topic(state: State) -> State:
    reply = await topics.ainvoke([SystemMessage(TOPIC), HumanMessage(state["review"])])
    return {"topic": str(reply.content)}


async def mood(state: State) -> State:
    reply = await moods.ainvoke([SystemMessage(MOOD), HumanMessage(state["review"])])
    return {"mood": str(reply.content)}


async def join(state: State) -> State:
    return {"summary": f"{state['mood']} about the {state['topic']}"}


builder = StateGraph(State)
for node in (topic, mood, join):
    builder.add_node(node.__name__, node)
builder.add_edge(START, "topic")
builder.add_edge(START, "mood")
builder.add_edge(["topic", "mood"], "join")
builder.add_edge("join", END)
graph = builder.compile()
