"""Which runs a repository has seen, and how each stands. Reads only."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.journal.database import Database
from harness.journal.events import FINISHED
from harness.journal.lock import holder


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run in the list."""

    id: str
    started: str  # ISO 8601, UTC: its first event
    last: str  # its last event
    events: int
    status: Literal["finished", "running", "interrupted"]


def runs(path: Path, lock: Path) -> list[RunInfo]:
    """Runs in the record ``path``, oldest first; none where there is no record yet. ``lock`` tells which is at work.

    Raises RepoError when the record cannot be read.
    """
    if not path.exists():
        return []
    working = holder(lock)
    query = "select run, min(at), max(at), count(*), max(kind = ?) from events group by run order by min(seq)"
    with closing(Database(path)) as database:
        found = database.read(query, (FINISHED,))
    at_work = working.run_id if working else None
    return [
        RunInfo(run, first, last, count, "finished" if done else "running" if run == at_work else "interrupted")
        for run, first, last, count, done in found
    ]
