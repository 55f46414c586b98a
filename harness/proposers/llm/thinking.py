"""The way from a brief to proposals, as a LangGraph graph: tell -> ask -> inspect -> (ask once more) -> submit.

Knows no model and no money: whoever builds it hands in how to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from harness.proposers.llm.reading import ideas, proposal
from harness.proposers.llm.speaking import Messages
from harness.proposers.llm.telling import SYSTEM, asking
from harness.proposers.place import fresh
from harness.types import Brief, Proposal

ROUNDS = 2  # the first reply and one repair


Ask = Callable[[Messages], str | None]  # None = nothing more may be asked


class Thought(TypedDict, total=False):
    """The state."""

    brief: Brief
    messages: list[tuple[str, str]]
    reply: str | None
    rounds: int
    good: list[Proposal]
    refused: list[str]  # why ideas of the last reply are none, in words for the model


def build(ask: Ask) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph; ``invoke({"brief": brief})["good"]`` are the proposals."""

    def tell(state: Thought) -> Thought:
        return {"messages": [("system", SYSTEM), ("user", asking(state["brief"]))], "rounds": 0, "good": []}

    def hear(state: Thought) -> Thought:
        return {"reply": ask(state["messages"]), "rounds": state["rounds"] + 1}

    graph = StateGraph(Thought)
    graph.add_node("tell", tell)
    graph.add_node("ask", hear)
    graph.add_node("inspect", inspect)
    graph.add_edge(START, "tell")
    graph.add_edge("tell", "ask")
    graph.add_edge("ask", "inspect")
    graph.add_conditional_edges("inspect", onward, ["ask", END])
    return graph.compile()


def inspect(state: Thought) -> Thought:
    """Sort the ideas of the last reply; what is refused is told to the model with its reason."""
    reply, brief = state["reply"], state["brief"]
    if reply is None:
        return {"refused": []}
    found = ideas(reply)
    if isinstance(found, str):
        return {"refused": [found], "messages": [*state["messages"], *_again(reply, [found])]}
    judged = [(idea, proposal(idea, brief)) for idea in found]
    good = [*state["good"], *(made for _, made in judged if isinstance(made, Proposal))]
    refused = [f"{idea.technique}: {made}" for idea, made in judged if isinstance(made, str)]
    return {"good": fresh(brief, good), "refused": refused, "messages": [*state["messages"], *_again(reply, refused)]}


def _again(reply: str, refused: Sequence[str]) -> list[tuple[str, str]]:
    if not refused:
        return []
    lines = "\n".join(f"- {line}" for line in refused)
    return [
        ("assistant", reply),
        ("user", f"These cannot be used:\n{lines}\nReply again, in the same form, with these mended."),
    ]


def onward(state: Thought) -> str:
    """One repair of what was refused, then the end."""
    return "ask" if state["refused"] and state["rounds"] < ROUNDS else END
