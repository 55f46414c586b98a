"""How often a sealed holdout was looked at: local state and committed reports together, whatever the metric was.

It counts and remembers; how many confirmations are allowed, and how their levels are chosen, is not known here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.errors import RepoError
from harness.journal.database import Database
from harness.journal.export import seal

_RELEASE = ":released"  # ends the name of the row that takes back part of a level
_FIND = "select digest, alpha from confirmations where id = ?"


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
        return sum(not name.endswith(_RELEASE) for name in self._levels(digest))

    def level(self, digest: str) -> float:
        """Error level that the confirmations of this holdout have spent so far, in sum, without what was released."""
        levels = self._levels(digest)
        used = (max(0.0, alpha + levels.get(name + _RELEASE, 0.0)) for name, alpha in levels.items() if alpha > 0.0)
        return math.fsum(used)

    def _levels(self, digest: str) -> dict[str, float]:
        own = self._database.read("select id, alpha from confirmations where digest = ?", (digest,))
        return {name: alpha for name, of, alpha in self._committed() if of == digest} | dict(own)

    def spend(self, digest: str, confirmation_id: str, alpha: float) -> float:
        """Write down a confirmation at level ``alpha``, durably, before it looks at the holdout; gives its level.

        ``confirmation_id`` is "<run id>:<anything unique in the run>"; the same id again changes nothing and gives the
        level that stands, so that a confirmation that was interrupted goes on at its own.
        Raises RepoError when it stands with another digest: one confirmation looks at one holdout.
        """
        if ":" not in confirmation_id:
            raise ValueError(f"confirmation id {confirmation_id!r} does not begin with '<run id>:'")
        stands, level = self._write(digest, confirmation_id, alpha)
        if stands != digest:
            raise RepoError(
                f"the holdout changed while {confirmation_id} was being confirmed",
                where=str(self._database.path),
                fix="put the cases back as they were to resume, or start a new run",
            )
        return level

    def release(self, digest: str, confirmation_id: str, alpha: float) -> None:
        """Write down that ``alpha`` of the level of a confirmation was not used up. Once for each; 0 writes nothing."""
        if alpha > 0.0:
            self._write(digest, f"{confirmation_id}{_RELEASE}", -alpha)

    def _write(self, digest: str, name: str, alpha: float) -> tuple[str, float]:
        """(digest, level) that stand under ``name`` once it is written."""
        with self._database.write() as connection:
            row = (name, digest, alpha, datetime.now(UTC).isoformat())
            connection.execute("insert into confirmations values (?, ?, ?, ?) on conflict (id) do nothing", row)
            stands: tuple[str, float] = connection.execute(_FIND, (name,)).fetchone()
        return stands

    def _committed(self) -> Iterator[tuple[str, str, float]]:
        """(id, digest, level) of every confirmation in the reports."""
        for path in sorted(self._reports.glob("*/run.jsonl")):
            try:
                lines = path.read_text("utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise _unreadable(path, 0, str(error)) from error
            yield from _confirmations(path, lines)


def _confirmations(path: Path, lines: Sequence[str]) -> list[tuple[str, str, float]]:
    """Those of one report; RepoError where they are not the ones that its run wrote.

    A report without a seal was written before there were seals.
    """
    entries = [(number, _entry(path, number, line)) for number, line in enumerate(lines, 1) if line.strip()]
    found = [row for number, entry in entries for row in _confirmation(path, number, entry)]
    sealed = [(number, entry["seal"]) for number, entry in entries if entry.get("kind") == "run" and "seal" in entry]
    for number, digest in sealed:
        if digest != seal(found):
            told = ", ".join(f"{name} at level {alpha:g}" for name, _, alpha in found) or "none"
            raise _unreadable(path, number, f"they are not those that the run wrote (digest differs); here: {told}")
    return found


def _entry(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise _unreadable(path, number, str(error)) from error
    if not isinstance(entry, dict):
        raise _unreadable(path, number, "not a JSON object")
    return entry


def _confirmation(path: Path, number: int, entry: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    if entry.get("kind") == "confirmation":
        found, digest, alpha = entry.get("id"), entry.get("digest"), entry.get("alpha")
        if not (isinstance(found, str) and isinstance(digest, str) and isinstance(alpha, int | float)):
            raise _unreadable(path, number, "a confirmation without id, digest and alpha")
        yield found, digest, float(alpha)


def _unreadable(path: Path, number: int, why: str) -> RepoError:
    what = f"confirmations cannot be counted: {why}"
    return RepoError(what, where=f"{path}:{number}", fix=f"restore it: git checkout HEAD -- {path}")
