"""The SQLite file behind every record: opened, laid out, written in durable transactions, its failures in words.

Knows the tables; does not know what is kept in them. One process writes (see lock.py); others may read meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import DiskFullError, HarnessError, MachineError, RepoError
from harness.journal.codec import CodecError, from_json, to_json
from harness.types import Json

T = TypeVar("T")

_VERSION = 1  # of the layout, in PRAGMA user_version
_TABLES = (
    """create table events (
        seq integer primary key, run text not null, step text not null, kind text not null, data text not null,
        at text not null, unique (run, step)
    )""",
    """create table runs (
        seq integer primary key, run text not null, label text not null, case_id text not null, k integer not null,
        salt text not null, version text not null, data blob not null, unique (run, label, case_id, k, salt, version)
    )""",
    """create table calls (
        case_id text not null, k integer not null, salt text not null, key text not null, good integer not null,
        data blob not null, unique (case_id, k, salt, key)
    )""",
    "create table confirmations (id text primary key, digest text not null, alpha real not null, at text not null)",
)
_GUARDS = tuple(
    f"create trigger {table}_{verb} before {verb} on {table} begin select raise(abort, '{table} is append-only'); end"
    for table in ("events", "confirmations")
    for verb in ("update", "delete")
)


class Database:
    """A connection of its own to ``path``, usable from any thread, one at a time."""

    def __init__(self, path: Path, *, waits: bool = True) -> None:
        """Open, or create with its folder. Raises RepoError when that cannot be or the layout is of a newer harness.

        ``waits``: a write returns when it is on the disk, so that a loss of power cannot take it. Without, it returns
        when the system has it: a kill of this process cannot take it, and it reaches the disk with or before the next
        write that waits. That is for what can be made again, and it is 10 to 100 times quicker.
        """
        self.path, self._waits = path, waits
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refused(path, f"{error.strerror or error}") from error
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            with self._explained():
                self._prepare()
        except RepoError:
            self._connection.close()
            raise

    def close(self) -> None:
        """Safe to call twice."""
        self._connection.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: kept when the block has ended (see ``waits``), as if it had never begun when it raised."""
        with self._lock, self._explained():
            self._connection.execute("begin immediate")
            try:
                yield self._connection
                self._connection.execute("commit")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    def read(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock, self._explained():
            return self._connection.execute(query, parameters).fetchall()

    def unpack(self, kind: type[T], data: bytes) -> T:
        """What ``packed`` made small. Raises RepoError when the record does not fit the type (see codec)."""
        try:
            return from_json(kind, json.loads(zlib.decompress(data)))
        except (zlib.error, ValueError) as error:
            what = f"a stored {kind.__name__} cannot be read: {error}"
            raise RepoError(what, where=str(self.path), fix=move_away(self.path)) from error

    def _prepare(self) -> None:
        execute = self._connection.execute
        if self._version() > _VERSION:
            raise RepoError(
                f"written by a newer harness (layout {self._version()}, this one knows {_VERSION})",
                where=str(self.path),
                fix="pip install --upgrade langgraph-harness",
            )
        execute("pragma journal_mode = wal")
        execute(f"pragma synchronous = {'full' if self._waits else 'normal'}")
        execute("pragma recursive_triggers = on")  # else "insert or replace" deletes past a delete trigger
        if self._version() < _VERSION:
            with self.write() as connection:
                if self._version() < _VERSION:  # another process may have been first
                    for statement in (*_TABLES, *_GUARDS):
                        connection.execute(statement)
                    connection.execute(f"pragma user_version = {_VERSION}")

    def _version(self) -> int:
        return int(self._connection.execute("pragma user_version").fetchone()[0])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            blamed = in_words(self.path, error)
            if blamed is None:
                raise
            raise blamed from error


def packed(value: object) -> bytes:
    """A dataclass as small bytes."""
    return zlib.compress(dumped(to_json(value)).encode("ascii"), 1)


def dumped(data: Json) -> str:
    """JSON in plain ASCII, so that lone surrogates in an app's output survive. Raises CodecError."""
    try:
        return json.dumps(data, separators=(",", ":"))
    except TypeError as error:
        raise CodecError(str(error)) from error


def in_words(path: Path, error: sqlite3.DatabaseError) -> HarnessError | None:
    """The error for the user, None for what only a mistake of ours can cause."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return _unwritten(path, str(error), full=name == "SQLITE_FULL")
    if is_damage(error):
        return RepoError(f"the record is damaged: {error}", where=str(path), fix=move_away(path))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return RepoError("another process is writing the record", where=str(path), fix="wait for it, then try again")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return _refused(path, str(error))
    return None


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the bytes of the file are wrong, and not what holds it."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))


def _unwritten(path: Path, why: str, *, full: bool) -> HarnessError:
    """A write that failed. SQLite says "disk I/O error" too where only room is lacking."""
    if full or DiskFullError.likely(path):
        return DiskFullError("the record cannot be written", where=str(path))
    fix = "see that the disk works and that no limit on file sizes is set (ulimit -f), then: harness resume"
    return MachineError(f"the record cannot be written: {why}", where=str(path), fix=fix)


def _refused(path: Path, why: str) -> RepoError:
    fix = f"see that {path.parent} is a folder that you may write to"
    return RepoError(f"the record cannot be opened: {why}", where=str(path), fix=fix)


def move_away(path: Path) -> str:
    """How to go on past a record that is damaged."""
    return f"mv {path} {path}.damaged (a new record is begun; confirmations of unmerged reports are forgotten with it)"
