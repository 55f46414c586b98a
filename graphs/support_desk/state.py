"""What travels through the support desk."""

from typing import TypedDict


class TicketState(TypedDict, total=False):
    ticket: str  # as the customer wrote it
    intent: str  # set by classify
    priority: str  # "normal" or "urgent", set by prioritise
    answer: str  # JSON for the ticket system, set by route: queue and days until the reply
