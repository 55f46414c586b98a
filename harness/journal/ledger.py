"""How often a sealed holdout was looked at: local state and committed reports together, whatever the metric was.

It counts and remembers; how many looks are allowed is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import RepoError
from harness.journal.database import Database


class Ledger:
    """Confirmations by the digest of the holdout. ``reports`` holds one folder per run with its run.jsonl.

    Both sources count, each confirmation once: a clone lacks the local state, and a run that was killed never committed
    its report.
    """

    def __init__(self, path: Path, reports: Path) -> None:
        self._database = Database(path)
        self._reports = reports

    def close(self) -> None:
        """Safe to call twice."""
        self._database.close()

    def spent(self, digest: str) -> int:
        """Confirmations that have used this holdout. Raises RepoError for a report that cannot be read: a look that is
        not counted would make the promise on false keeps untrue."""
        rows = self._database.read("select id from confirmations where digest = ?", (digest,))
        committed = {confirmation for confirmation, of, _ in self._committed() if of == digest}
        return len(committed | {row[0] for row in rows})

    def level(self, digest: str) -> float:
        """Error level that the confirmations of this holdout have spent so far, in sum."""
        own = self._database.read("select id, alpha from confirmations where digest = ?", (digest,))
        levels = {confirmation: alpha for confirmation, of, alpha in self._committed() if of == digest}
        return sum((levels | dict(own)).values())

    def spend(self, digest: str, confirmation_id: str, alpha: float) -> None:
        """Write down a confirmation at level ``alpha``, durably, before it looks at the holdout.

        ``confirmation_id`` is "<run id>:<anything unique in the run>"; the same id again changes nothing.
        Raises RepoError when it stands with another digest: one confirmation looks at one holdout.
        """
        if ":" not in confirmation_id:
            raise ValueError(f"confirmation id {confirmation_id!r} does not begin with '<run id>:'")
        with self._database.write() as connection:
            row = (confirmation_id, digest, alpha, datetime.now(UTC).isoformat())
            connection.execute("insert into confirmations values (?, ?, ?, ?) on conflict (id) do nothing", row)
            find = "select digest from confirmations where id = ?"
            (stands,) = connection.execute(find, (confirmation_id,)).fetchone()
        if stands != digest:
            raise RepoError(
                f"the holdout changed while {confirmation_id} was being confirmed",
                where=str(self._database.path),
                fix="put the cases back as they were to resume, or start a new run",
            )

    def _committed(self) -> Iterator[tuple[str, str, float]]:
        """(id, digest, level) of every confirmation in the reports."""
        for path in sorted(self._reports.glob("*/run.jsonl")):
            try:
                lines = path.read_text("utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise _unreadable(path, 0, str(error)) from error
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield from _confirmation(path, number, line)


def _confirmation(path: Path, number: int, line: str) -> Iterator[tuple[str, str, float]]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise _unreadable(path, number, str(error)) from error
    if not isinstance(entry, dict):
        raise _unreadable(path, number, "not a JSON object")
    if entry.get("kind") == "confirmation":
        found, digest, alpha = entry.get("id"), entry.get("digest"), entry.get("alpha")
        if not (isinstance(found, str) and isinstance(digest, str) and isinstance(alpha, int | float)):
            raise _unreadable(path, number, "a confirmation without id, digest and alpha")
        yield found, digest, float(alpha)


def _unreadable(path: Path, number: int, why: str) -> RepoError:
    what = f"confirmations cannot be counted: {why}"
    return RepoError(what, where=f"{path}:{number}", fix=f"restore it: git checkout HEAD -- {path}")
