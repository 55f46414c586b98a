"""Nodes of the support desk: each takes the state and returns what it adds."""

from langchain_core.messages import HumanMessage, SystemMessage

from graphs.support_desk.models import classifier, router
from graphs.support_desk.prompts import CLASSIFY_PROMPT, ROUTE_PROMPT
from graphs.support_desk.state import TicketState

URGENT = ("urgent", "immediately", "right now", "as soon as possible", "today", "lawyer")


def classify(state: TicketState) -> TicketState:
    """Which of the shop's labels the ticket belongs to."""
    messages = [SystemMessage(content=CLASSIFY_PROMPT), HumanMessage(content=state["ticket"])]
    reply = classifier.invoke(messages)
    return {"intent": str(reply.content).strip()}


def prioritise(state: TicketState) -> TicketState:
    """Tickets that cannot wait, told by their words."""
    text = state["ticket"].lower()
    return {"priority": "urgent" if any(word in text for word in URGENT) else "normal"}


def route(state: TicketState) -> TicketState:
    """Queue and days for the ticket, as the ticket system reads them."""
    messages = [SystemMessage(content=ROUTE_PROMPT), HumanMessage(content=f"Label: {state['intent']}")]
    reply = router.invoke(messages)
    return {"answer": str(reply.content).strip()}
