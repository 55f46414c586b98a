"""The durable record: events and runs of a run, model calls, the ledger of confirmations, and the lock.

Knows nothing of what a step means or what is decided; other rooms write to it and read it back.
"""

from harness.journal.calls import Calls
from harness.journal.database import move_away
from harness.journal.events import FAILED, FINISHED, Event, Journal
from harness.journal.health import damage
from harness.journal.ledger import Ledger
from harness.journal.lock import Holder, Lock, abandoned, holder, refuse_if_at_work
from harness.journal.notes import Label, Notes
from harness.journal.runs import RunInfo, runs

__all__ = [
    "FAILED",
    "FINISHED",
    "Calls",
    "Event",
    "Holder",
    "Journal",
    "Label",
    "Ledger",
    "Lock",
    "Notes",
    "RunInfo",
    "abandoned",
    "damage",
    "holder",
    "move_away",
    "refuse_if_at_work",
    "runs",
]
