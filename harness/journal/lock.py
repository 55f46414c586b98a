"""One run at a time in a repository. The kernel holds the lock, so it ends with the process, however that ends."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from harness.errors import DiskFullError, HarnessError, MachineError, RepoError
from harness.journal.codec import from_json, to_json

_TRIES, _PAUSE = 10, 0.01  # seconds between tries


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works in the repository."""

    run_id: str
    pid: int
    host: str
    started: str  # ISO 8601, UTC


class Lock:
    """``with Lock(path, run_id):`` raises RepoError that names the run which is at work already, MachineError where
    no lock can be had.

    Left by a kill, it is kept alive by a child that was forked without exec; not by one that was exec'ed.
    """

    def __init__(self, path: Path, run_id: str) -> None:
        self._path, self._run_id = path, run_id
        self._descriptor: int | None = None

    def __enter__(self) -> Lock:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise self._taken(error) from error
            fix = f"see that you may write to {self._path.parent}"
            raise MachineError(f"the lock cannot be taken: {error.strerror}", where=str(self._path), fix=fix) from error
        try:
            _locked(descriptor)
            mine = Holder(self._run_id, os.getpid(), socket.gethostname(), datetime.now(UTC).isoformat())
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(to_json(mine)).encode(), 0)
        except OSError as error:
            os.close(descriptor)
            raise self._taken(error) from error
        self._descriptor = descriptor
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._descriptor is not None:
            # Emptied, not deleted: who opened the file before it was deleted would lock a file that nobody sees.
            os.ftruncate(self._descriptor, 0)
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # also for a child that is about to exec and has it open
            os.close(self._descriptor)
            self._descriptor = None

    def _taken(self, error: OSError) -> HarnessError:
        if isinstance(error, BlockingIOError):
            return _at_work(self._path)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DiskFullError("the lock cannot be written", where=str(self._path))
        fix = "keep the repository on a file system with locks"
        return MachineError(f"the lock cannot be taken: {error.strerror}", where=str(self._path), fix=fix)


def refuse_if_at_work(path: Path) -> None:
    """Raise RepoError that names the run which is at work, if one is: for questions asked before the lock is taken."""
    if holder(path) is not None:
        raise _at_work(path)


def _at_work(path: Path) -> RepoError:
    other = _written(path)
    if other is None:
        return RepoError("another run is at work in this repository", where=str(path), fix="wait for it")
    who = f"run {other.run_id} is at work in this repository since {other.started}"
    fix = f"wait for it, or end it on {other.host}: kill {other.pid}"
    return RepoError(f"{who} (process {other.pid} on {other.host})", where=str(path), fix=fix)


def _locked(descriptor: int) -> None:
    """Take the lock. Tried for a tenth of a second, because `holder` takes it for a moment to see whether it is free.

    Raises OSError when it stays taken or the file system has no locks.
    """
    for attempt in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE)


def holder(path: Path) -> Holder | None:
    """Who works in the repository, None when nobody does.

    The kernel knows: a process id and a host name, as written in the file, may belong to somebody else by now.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except OSError:
        return _written(path)
    finally:
        os.close(descriptor)


def abandoned(path: Path) -> Holder | None:
    """Who the lock file still names although his process is gone: a run that was killed. It keeps nobody out."""
    return _written(path) if holder(path) is None else None


def _written(path: Path) -> Holder | None:
    try:
        return from_json(Holder, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return None
