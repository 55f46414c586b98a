"""Which runs a repository has seen, and how each stands. Reads only."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.journal.database import Database
from harness.journal.events import FAILED, FINISHED
from harness.journal.lock import holder

Status = Literal["finished", "running", "failed", "interrupted"]

_RUNS = """
select run, min(at), max(at), count(*),
(select kind from events newer where newer.run = events.run order by newer.seq desc limit 1)
from events group by run order by min(seq)
"""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run in the list."""

    id: str
    started: str  # ISO 8601, UTC: its first event
    last: str  # its last event
    events: int
    status: Status


def runs(path: Path, lock: Path) -> list[RunInfo]:
    """Runs in the record ``path``, oldest first; none where there is no record yet. ``lock`` tells which is at work.

    Raises RepoError when the record cannot be read.
    """
    if not path.exists():
        return []
    working = holder(lock)
    with closing(Database(path)) as database:
        found = database.read(_RUNS)
    at_work = working.run_id if working else None
    return [RunInfo(run, first, last, count, _status(kind, run == at_work)) for run, first, last, count, kind in found]


def _status(last_kind: str, at_work: bool) -> Status:
    if last_kind == FINISHED:
        return "finished"
    return "running" if at_work else "failed" if last_kind == FAILED else "interrupted"
