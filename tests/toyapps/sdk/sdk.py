"""A graph whose nodes ask a provider without LangChain, through the raw OpenAI SDK; the server's address comes in."""

from __future__ import annotations

import os
from typing import TypedDict

import openai
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

HOUSE = "Answer in one word."


class State(TypedDict, total=False):
    do: str
    text: str
    again: str


def _options() -> dict[str, str]:
    return {"base_url": os.environ["TOY_URL"], "api_key": "none"}


def raw(state: State) -> State:
    client = openai.OpenAI(**_options(), max_retries=2)
    messages = [{"role": "system", "content": HOUSE}, {"role": "user", "content": state["do"]}]
    if "stream" in state["do"]:
        options = {"stream": True, "stream_options": {"include_usage": True}}
        chunks = client.chat.completions.create(model="toy", messages=messages, **options)
        return {"text": "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)}
    reply = client.chat.completions.create(model="toy", messages=messages, temperature=0.3)
    return {"text": reply.choices[0].message.content}


async def araw(state: State) -> State:
    client = openai.AsyncOpenAI(**_options(), max_retries=2)
    reply = await client.responses.create(model="toy", instructions=HOUSE, input=state["do"])
    return {"text": reply.output_text}


def chained(state: State) -> State:
    return {"again": ChatOpenAI(model="toy", **_options()).invoke(state["text"]).content}


def _graph(function):
    builder = StateGraph(State)
    builder.add_node("raw", function)
    builder.add_node("chained", chained)
    builder.add_edge(START, "raw")
    builder.add_edge("raw", "chained")
    builder.add_edge("chained", END)
    return builder.compile()


graph, agraph = _graph(raw), _graph(araw)
