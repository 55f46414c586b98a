"""The journal of one run: its events, each step once and for ever, and the runs that it measured.

Resume reads it and nothing else. Knows nothing of what a step means.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.journal.database import Database, dumped, packed
from harness.journal.export import write_public
from harness.types import Json, Run

_FIND_EVENT = "select data from events where run = ? and step = ?"
_ADD_EVENT = """
insert into events (run, step, kind, data, at) values (?, ?, ?, ?, ?) on conflict (run, step) do nothing
"""
_ADD_RUN = """
insert into runs (run, label, case_id, k, salt, version, data) values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing
"""
_DROP_RUN = "delete from runs where run = ? and label = ? and case_id = ? and k = ? and salt = ? and version = ?"
_OF_CASE = "select label, data from runs where run = ? and case_id = ? order by seq"
FINISHED = "finished"  # kind of the event that ends a run; a run without one failed, was interrupted or is at work
FAILED = "failed"  # kind of the event after which a sitting ended with an error; resuming goes on after it


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a run."""

    seq: int  # grows with time, over all runs
    step: str  # unique in its run
    kind: str
    data: Json
    at: str  # ISO 8601, UTC


class Journal:
    """Append-only record of the run ``run_id`` in the file ``path``.

    A step is on the disk on return, and with it every run that was saved before it. A saved run outlives a kill.

    Every method raises RepoError when the file cannot be read or written.
    """

    def __init__(self, path: Path, run_id: str) -> None:
        self.run_id = run_id
        self._database = Database(path)
        self._measured = Database(path, waits=False)  # runs can be made again from the recorded calls
        self._runs: dict[str, list[Run]] = {}  # decoded runs by label; safe to keep, for one process writes
        self._read_to: dict[str, int] = {}  # last row decoded, by label

    def close(self) -> None:
        """Safe to call twice."""
        self._measured.close()
        self._database.close()

    def append(self, kind: str, step: str, data: Json) -> Json:
        """Record a step and give its data. A step that stands already is left as it is, and its own data is given."""
        text = dumped(data)
        with self._database.write() as connection:
            row = (self.run_id, step, kind, text, datetime.now(UTC).isoformat())
            connection.execute(_ADD_EVENT, row)
            return json.loads(connection.execute(_FIND_EVENT, (self.run_id, step)).fetchone()[0])

    def get(self, step: str) -> Json | None:
        """Data of a step, None where it does not stand."""
        rows = self._database.read(_FIND_EVENT, (self.run_id, step))
        return json.loads(rows[0][0]) if rows else None

    def read(self, kind: str | None = None) -> list[Event]:
        """Events in the order written, of one kind or of all."""
        query = "select seq, step, kind, data, at from events where run = ? and kind = ifnull(?, kind) order by seq"
        rows = self._database.read(query, (self.run_id, kind))
        return [Event(seq, step, found, json.loads(data), at) for seq, step, found, data, at in rows]

    def save_runs(self, label: str, runs: Sequence[Run]) -> None:
        """Store runs under the label of what was measured, all or none of them.

        One (label, case, k, salt, version) is stored once, the first wins.
        """
        rows = [(self.run_id, label, run.case, run.k, run.salt, run.version, packed(run)) for run in runs]
        with self._measured.write() as connection:
            connection.executemany(_ADD_RUN, rows)

    def forget_runs(self, label: str, runs: Sequence[Run]) -> None:
        """Take back runs of a label; what is not there is left alone."""
        with self._database.write() as connection:
            rows = [(self.run_id, label, run.case, run.k, run.salt, run.version) for run in runs]
            connection.executemany(_DROP_RUN, rows)
        self._runs.pop(label, None)  # read anew: the number of a row that went may be given again
        self._read_to.pop(label, None)

    def load_runs(self, label: str, version: str | None = None) -> list[Run]:
        """Runs saved under the label, in the order saved; of one version of the app or of all."""
        query = "select seq, data from runs where run = ? and label = ? and seq > ? order by seq"
        known = self._runs.setdefault(label, [])
        for seq, data in self._database.read(query, (self.run_id, label, self._read_to.get(label, 0))):
            known.append(self._database.unpack(Run, data))
            self._read_to[label] = seq
        return [run for run in known if version in (None, run.version)]

    def all_runs(self) -> list[Run]:
        """Every run that was measured, whatever its label, in the order saved."""
        rows = self._database.read("select data from runs where run = ? order by seq", (self.run_id,))
        return [self._database.unpack(Run, data) for (data,) in rows]

    def runs_of(self, case: str) -> list[tuple[str, Run]]:
        """(label, run) of every run of one case, in the order saved."""
        rows = self._database.read(_OF_CASE, (self.run_id, case))
        return [(label, self._database.unpack(Run, data)) for label, data in rows]

    def export_jsonl(self, dest: Path, sealed: Collection[str] = ()) -> None:
        """Write what people may read of the run, one JSON object a line, whole or not at all (see export)."""
        write_public(self._database, self.run_id, dest, sealed)
