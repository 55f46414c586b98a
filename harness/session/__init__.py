"""One sitting of a run: makes the live things, hands them to the loop, and lets go of them whatever happens.

Shared by the doors. It wires and knows no statistics, no prompts and no printing.
"""

from harness.session.beginning import begun, new, opening, reopened
from harness.session.hosts import start_once
from harness.session.sitting import Kit, Session

__all__ = ["Kit", "Session", "begun", "new", "opening", "reopened", "start_once"]
