"""Graphs of every kind, and a node that misbehaves on request: its state says what to do."""

import asyncio
import ctypes
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from operator import add
from typing import Annotated, Any, TypedDict

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import MessagesState
from langgraph.types import Send, interrupt
from model import Echo, StreamingEcho, Words
from pydantic import BaseModel

llm = Echo()
stream = StreamingEcho()
words = Words()
shared_pool = ThreadPoolExecutor(2)


class State(TypedDict, total=False):
    do: str
    said: str
    log: Annotated[list[str], add]


def pool(text: str) -> str:
    """Two calls in a pool of the app's own, one in a shared pool, one in a bare thread; no context is handed on."""
    box: list[str] = []
    with ThreadPoolExecutor(2) as own:
        box += own.map(lambda part: llm.invoke(f"{text} {part}").content, ["a", "b"])
    box.append(shared_pool.submit(lambda: llm.invoke(f"{text} c").content).result())
    thread = threading.Thread(target=lambda: box.append(str(llm.invoke(f"{text} d").content)))
    thread.start()
    thread.join()
    return " | ".join(box)


def shout(text: str) -> str:
    print("to stdout " * 20_000)  # noqa: T201
    logging.warning("to stderr")
    os.close(1)
    sys.stdout.close()
    return text


def hide(text: str) -> str:
    """Swallow a network failure and answer something."""
    try:
        llm.invoke("fail 9 hidden")
    except ConnectionError:
        return "sorry"
    return text


def spin() -> None:
    while True:
        pass


def refuse() -> None:
    raise ValueError("no such ticket")


def crash() -> None:
    ctypes.string_at(0)


DEEDS: dict[str, Callable[[], Any]] = {
    "raise": refuse,
    "hang": lambda: time.sleep(3600),
    "spin": spin,
    "exit": lambda: sys.exit(3),
    "os_exit": lambda: os._exit(3),
    "crash": crash,
    "frozen": lambda: ctypes.PyDLL(None).sleep(3600),  # keeps the interpreter's lock: nothing else runs
    "pool": lambda: pool("in pool"),
    "shout": lambda: shout("said"),
    "hide": lambda: hide("answer"),
    "twice": lambda: f"{llm.invoke('same').content} {llm.invoke('same').content}",
    "stream": lambda: "".join(str(chunk.content) for chunk in stream.stream("by word")),
    "read some": lambda: str(next(iter(stream.stream("by word"))).content),
    "batch": lambda: " ".join(str(reply.content) for reply in llm.batch(["one", "two"])),
    "generate": lambda: " ".join(
        row[0].text for row in llm.generate([[HumanMessage("g")], [HumanMessage("h")]]).generations
    ),
    "text": lambda: str(words.invoke("by text")),
    "text stream": lambda: "".join(words.stream("by text")),
    "tools": lambda: str(llm.invoke("tools").tool_calls),
    "limit": lambda: str(llm.invoke("fail 2 limit").content),
    "key": lambda: str(llm.invoke("fail 9 key").content),
    "down": lambda: str(llm.invoke("fail 9 down").content),
}


def first(state: State) -> State:
    return {"said": str(llm.invoke(f"first {state['do']}").content), "log": ["first"]}


def act(state: State) -> State:
    deed = DEEDS.get(state["do"])
    return {"said": str(deed()) if deed else str(llm.invoke(state["do"]).content), "log": ["act"]}


def again(state: State) -> str:
    return "act" if state["do"] == "forever" else END


def drawn(kind: type = State) -> StateGraph:
    builder = StateGraph(kind)
    builder.add_node("first", first)
    builder.add_node("act", act)
    builder.add_edge(START, "first")
    builder.add_edge("first", "act")
    builder.add_conditional_edges("act", again)
    return builder


draft = drawn()
graph = draft.compile()


async def afirst(state: State) -> State:
    reply = await llm.ainvoke(f"first {state['do']}")
    return {"said": str(reply.content), "log": ["first"]}


async def aact(state: State) -> State:
    if state["do"] == "sleep":
        await asyncio.sleep(3600)
    if state["do"] == "stream":
        return {"said": "".join([str(chunk.content) async for chunk in stream.astream("by word")]), "log": ["act"]}
    return act(state)


abuilder = StateGraph(State)
abuilder.add_node("first", afirst)
abuilder.add_node("act", aact)
abuilder.add_edge(START, "first")
abuilder.add_edge("first", "act")
agraph = abuilder.compile()


def make() -> Any:
    return drawn()


def make_with(config: dict[str, Any]) -> Any:
    return drawn().compile(name=config.get("name", "odd"))


async def amake() -> Any:
    await asyncio.sleep(0)
    return abuilder.compile()


@asynccontextmanager
async def managed() -> AsyncIterator[Any]:
    yield abuilder.compile()


def make_needing(model: str, speed: int) -> Any:
    return graph


def ask(state: State) -> State:
    return {"said": interrupt("may I?")}


asking = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").compile(checkpointer=InMemorySaver())
stopping = drawn().compile(checkpointer=InMemorySaver(), interrupt_before=["act"])
remembering = drawn().compile(checkpointer=InMemorySaver())


class Needs(TypedDict):
    user: str


class Kind(BaseModel):
    tone: str = "plain"


needing = StateGraph(State, context_schema=Needs).add_node("act", act).add_edge(START, "act").compile()


def tone(state: State) -> State:
    from langgraph.runtime import get_runtime

    return {"said": get_runtime(Kind).context.tone}


kind = StateGraph(State, context_schema=Kind).add_node("tone", tone).add_edge(START, "tone").compile()


def chat(state: MessagesState) -> dict[str, Any]:
    return {"messages": [llm.invoke(state["messages"])]}


chatting = StateGraph(MessagesState).add_node("chat", chat).add_edge(START, "chat").compile()


@entrypoint()
def flow(text: str) -> str:
    return str(llm.invoke(text).content)


def fan_out(state: State) -> list[Send]:
    return [Send("act", {"do": part}) for part in ("x", "x", "y")]


fan = StateGraph(State).add_node("act", lambda s: {"log": [str(llm.invoke(s["do"]).content)]})
fanning = fan.add_conditional_edges(START, fan_out, ["act"]).compile()

inner = StateGraph(State).add_node("deep", first).add_node("deeper", act).add_edge(START, "deep")
inner.add_edge("deep", "deeper")
outer = StateGraph(State).add_node("before", first).add_node("sub", inner.compile()).add_node("after", first)
nested = outer.add_edge(START, "before").add_edge("before", "sub").add_edge("sub", "after").compile()

not_a_graph = 3
