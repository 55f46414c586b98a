"""Answers questions of two hops with a tool; the model stops at the first fact unless it is told to go on."""

import re
from typing import Annotated, Any, TypedDict

from facts import BORN, WROTE
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from scripted import Scripted, share

SEARCH = "You answer questions about books with what the tool tells you."


@tool
def look_up(subject: str) -> str:
    """What is known of a book or of a person."""
    if subject in WROTE:
        return f"{subject} was written by {WROTE[subject]}."
    return f"{subject} was born in {BORN[subject]}." if subject in BORN else "nothing is known"


def rule(system: str, text: str, luck: float) -> str:
    goes_on = "step by step" in system.lower() or share("patient", text) < 0.3
    found = re.findall(r"written by ([^.]+)\.", text)
    born = re.findall(r"born in (\w+)\.", text)
    if born:
        return born[-1]
    if found:
        return f"CALL {found[-1]}" if goes_on else found[-1]
    return f"CALL {re.findall(r'of (.+) born', text)[0]}"


class Agent(Scripted):
    """A scripted model that calls the tool where its rule says so."""

    def bind_tools(self, tools: Any, **kwargs: Any) -> "Agent":
        return self

    def _generate(self, messages: list[BaseMessage], *more: Any, **kwargs: Any) -> ChatResult:
        told = HumanMessage("\n".join(str(message.content) for message in messages[1:]))
        (drawn,) = super()._generate([messages[0], told], *more, **kwargs).generations
        text = str(drawn.message.content)
        if not text.startswith("CALL "):
            return ChatResult(generations=[drawn])
        call = {"name": "look_up", "args": {"subject": text[5:]}, "id": f"c{len(messages)}"}
        message = AIMessage("", tool_calls=[call], usage_metadata=drawn.message.usage_metadata)
        return ChatResult(generations=[ChatGeneration(message=message)])


class State(TypedDict, total=False):
    question: str
    messages: Annotated[list[BaseMessage], add_messages]
    answer: str


def search(state: State) -> State:
    asked = state.get("messages") or [HumanMessage(state["question"])]
    reply = Agent(rule=rule).bind_tools([look_up]).invoke([SystemMessage(SEARCH), *asked])
    new = [reply] if state.get("messages") else [*asked, reply]
    return {"messages": new} if reply.tool_calls else {"messages": new, "answer": str(reply.content)}


def onward(state: State) -> str:
    return END if "answer" in state else "tools"


builder = StateGraph(State)
builder.add_node("search", search)
builder.add_node("tools", ToolNode([look_up]))
builder.add_edge(START, "search")
builder.add_conditional_edges("search", onward, ["tools", END])
builder.add_edge("tools", "search")
graph = builder.compile()
