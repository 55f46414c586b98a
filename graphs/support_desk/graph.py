"""The support desk: a ticket gets its label, its priority and its queue."""

from langgraph.graph import END, START, StateGraph

from graphs.support_desk.nodes import classify, prioritise, route
from graphs.support_desk.state import TicketState

builder = StateGraph(TicketState)
builder.add_node("classify", classify)
builder.add_node("prioritise", prioritise)
builder.add_node("route", route)

builder.add_edge(START, "classify")
builder.add_edge("classify", "prioritise")
builder.add_edge("prioritise", "route")
builder.add_edge("route", END)

graph = builder.compile()
