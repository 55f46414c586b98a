"""The desk: two decisions side by side, then a tool."""

import os
from functools import cache, partial
from typing import Annotated

from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from typing_extensions import TypedDict

from clinic.forms import Desk, Urgency
from clinic.prompts import ACT, HOUSE, SORT, URGENCY
from clinic.tools import TOOLS

CLINIC = os.environ.get("CLINIC_NAME", "the clinic at the harbour")


class State(TypedDict, total=False):
    message: str
    desk: str
    urgent: bool
    done: str
    messages: Annotated[list[AnyMessage], add_messages]


@cache
def get_model(temperature: float = 0.0) -> ChatOpenAI:
    return ChatOpenAI(model=os.environ.get("CLINIC_MODEL", "gpt-4o-mini"), temperature=temperature)


def asked(instructions: str, state: State) -> list[AnyMessage]:
    return [SystemMessage(instructions.format(clinic=CLINIC)), HumanMessage(state["message"])]


def sort(state: State) -> State:
    form = get_model().with_structured_output(Desk)
    return {"desk": form.invoke(asked(HOUSE + "\n" + SORT, state)).desk}


def weigh(state: State, form: type) -> State:
    return {"urgent": get_model().with_structured_output(form).invoke(asked(URGENCY, state)).level == "today"}


def act(state: State) -> State:
    model = get_model().bind_tools(TOOLS, tool_choice="any")
    decided = f"Desk: {state['desk']}. Urgent: {state['urgent']}. Message: {state['message']}"
    return {"messages": [model.invoke([SystemMessage(ACT), HumanMessage(decided)])]}


def close(state: State) -> State:
    return {"done": str(state["messages"][-1].content)}


builder = StateGraph(State)
builder.add_node("sort", sort)
builder.add_node("weigh", partial(weigh, form=Urgency))
builder.add_node("act", act)
builder.add_node("tools", ToolNode(TOOLS))
builder.add_node("close", close)
builder.add_edge(START, "sort")
builder.add_edge(START, "weigh")
builder.add_edge(["sort", "weigh"], "act")
builder.add_edge("act", "tools")
builder.add_edge("tools", "close")
builder.add_edge("close", END)
graph = builder.compile()
