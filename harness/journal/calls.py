"""Durable record of model calls, so that none is paid twice. Knows nothing of how keys are made or when to replay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harness.journal.database import Database, packed
from harness.types import Call

# The pairs come as one JSON list: as bound values they would meet SQLite's limit on their number.
_FIND = """
select case_id, k, calls.key, data from json_each(?) as wanted
cross join calls on case_id = json_extract(wanted.value, '$[0]') and k = json_extract(wanted.value, '$[1]')
where salt = ? and good
"""
_STORE = """
insert into calls (case_id, k, salt, key, good, data) values (?, ?, ?, ?, ?, ?)
on conflict do update set good = excluded.good, data = excluded.data where excluded.good > calls.good
"""


class Calls:
    """The CallStore of a repository, shared by all of its runs. Methods raise RepoError when the file fails."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, waits=False)

    def close(self) -> None:
        """Safe to call twice."""
        self._database.close()

    def recorded(self, case: str, k: int, salts: Sequence[str]) -> Mapping[str, Call]:
        """Successful calls of (case, k) recorded under any of the salts, by key; the first salt that has a key wins."""
        return self.recorded_many([(case, k)], salts)[case, k]

    def recorded_many(
        self, pairs: Sequence[tuple[str, int]], salts: Sequence[str]
    ) -> Mapping[tuple[str, int], Mapping[str, Call]]:
        """`recorded` for many (case, k) at once; every pair has its entry, an empty one where nothing is recorded."""
        found: dict[tuple[str, int], dict[str, Call]] = {pair: {} for pair in pairs}
        wanted = json.dumps(list(found))
        for salt in salts:
            for case, k, key, data in self._database.read(_FIND, (wanted, salt)):
                if key not in found[case, k]:
                    found[case, k][key] = self._database.unpack(Call, data)
        return found

    def record(self, case: str, k: int, salt: str, call: Call) -> None:
        """Store one call before returning: a kill cannot take it, a loss of power may. See record_many."""
        self.record_many([(case, k, salt, call)])

    def record_many(self, calls: Iterable[tuple[str, int, str, Call]]) -> None:
        """Store (case, k, salt, call) before returning, in one transaction.

        Storing a key twice under one salt keeps the first, but a call that succeeded replaces one that failed.
        """
        rows = [(case, k, salt, call.key, not call.error, packed(call)) for case, k, salt, call in calls]
        with self._database.write() as connection:
            connection.executemany(_STORE, rows)
