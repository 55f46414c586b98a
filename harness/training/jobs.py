"""Training jobs of a repository: each a process of its own with a folder, ``.harness/training/<id>/``.

A job outlives whoever started it, unless it was bound to them (``bound``). Its process holds the lock of its folder for
as long as it lives, and the system lets go of a lock whose process is gone: so a job that was killed is never told as
running, and no process id is trusted that may have gone to another. One job trains at a time; the others wait in line.
(The jobs of ``harness/mcp`` are commands of ``harness`` for tools of agents; these have states, events and checkpoints
of their own.)
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import UserError
from harness.training import events, examples, spec
from harness.training.examples import Example
from harness.training.spec import Spec

PENDING, VALIDATING, QUEUED, RUNNING = "pending", "validating", "queued", "running"
SUCCEEDED, FAILED, CANCELLED = "succeeded", "failed", "cancelled"
ENDED = (SUCCEEDED, FAILED, CANCELLED)
DATA, RESULT, TURN = "data.jsonl", "result", "turn"
_LOCK, _PID, _CANCEL, _LOG = "lock", "pid", "cancel", "log"
_ID = re.compile(r"\d{8}-\d{6}(-\d+)?")
_KILLED = (
    "its process was killed, by hand or by the system for want of memory; "
    "`harness train resume` goes on from its last checkpoint"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands now."""

    id: str
    folder: Path
    spec: Spec
    state: str  # pending, validating, queued, running, succeeded, failed, cancelled
    reason: str = ""  # why it failed, with the fix
    exit_code: int = 0  # of the failure

    @property
    def result(self) -> Path:
        """The folder that it leaves when it has succeeded."""
        return self.folder / RESULT


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one repository."""

    folder: Path  # .harness/training

    def start(self, wanted: Spec, data: Sequence[Example], tie: int | None = None) -> Job:
        """Write the job down and begin its process; returns at once. ``tie``: of ``bound``, the job ends with it."""
        place = self._new_place()
        spec.write(place, wanted)
        (place / DATA).write_text(examples.rows(data), "utf-8")
        events.tell(place, "status_change", status=PENDING)
        self._spawn(place, tie)
        return self.get(place.name)

    def same(self, wanted: Spec, data: Sequence[Example]) -> Job | None:
        """The newest job that was asked for the same with equal examples."""
        rows = examples.rows(data)
        known = (job for job in reversed(self.all()) if job.spec == wanted)
        return next((job for job in known if (job.folder / DATA).read_text("utf-8") == rows), None)

    def resume(self, job: str, tie: int | None = None) -> Job:
        """Begin a failed or cancelled job again, from its last checkpoint. Raises UserError for any other."""
        found = self.get(job)
        if found.state not in (FAILED, CANCELLED):
            fix = "`harness train list` shows which have failed or were cancelled"
            raise UserError(f"job {found.id} is {found.state}: there is nothing to resume", fix=fix)
        (found.folder / _CANCEL).unlink(missing_ok=True)
        events.tell(found.folder, "status_change", status=PENDING, resumed=True)
        self._spawn(found.folder, tie)
        return self.get(found.id)

    def cancel(self, job: str) -> Job:
        """End a job that has not ended. Raises UserError for one that has."""
        found = self.get(job)
        if found.state in ENDED:
            raise UserError(f"job {found.id} is {found.state}: it cannot be cancelled", fix="`harness train list`")
        (found.folder / _CANCEL).touch()
        with contextlib.suppress(ProcessLookupError, ValueError, FileNotFoundError):
            os.kill(int((found.folder / _PID).read_text("utf-8")), signal.SIGTERM)
        _wait_for(found.folder)
        return self.get(found.id)

    def get(self, job: str) -> Job:
        """A job by id, the newest one for "". Raises UserError where there is none."""
        known = self._names()
        name = job or (known[-1] if known else "")
        if name not in known:
            said = f"there is no training job {job!r}" if job else "no training job was started here"
            raise UserError(said, fix="`harness train list` lists them, `harness train start FILE` starts one")
        return _as_it_stands(self.folder / name)

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        return [_as_it_stands(self.folder / name) for name in self._names()]

    def wait(self, job: str) -> Job:
        """Until the process of a job is gone."""
        _wait_for(self.get(job).folder)
        return self.get(job)

    def _names(self) -> list[str]:
        found = self.folder.iterdir() if self.folder.is_dir() else iter(())
        names = (path.name for path in found if _ID.fullmatch(path.name) and (path / spec.NAME).is_file())
        return sorted(names, key=lambda name: (name[:15], int(name[16:] or 0)))

    def _new_place(self) -> Path:
        stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
        for name in (stamp, *(f"{stamp}-{number}" for number in range(2, 1000))):
            with contextlib.suppress(FileExistsError):
                (self.folder / name).mkdir(parents=True)
                return self.folder / name
        raise UserError("a thousand jobs were started in this second", fix="start fewer")

    def _spawn(self, place: Path, tie: int | None) -> None:
        """The lock is taken here and handed over, so that there is no moment at which the job seems dead."""
        tied = () if tie is None else (tie,)
        with _locked(place) as handle, (place / _LOG).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "harness.training.worker", str(place), *map(str, tied)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(handle, *tied),
            )
            (place / _PID).write_text(str(process.pid), "utf-8")


@contextlib.contextmanager
def bound() -> Iterator[int]:
    """A tie for jobs that are to end with this block, or with this process, in whatever way that ends.

    It is the reading end of a pipe that nobody writes to: the system closes the other end when the process is gone.
    """
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


@contextlib.contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Wait until no other job of the repository trains, and keep the others waiting."""
    with (folder.parent / TURN).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_cancelled(folder: Path) -> bool:
    """Whether somebody asked for the end of the job."""
    return (folder / _CANCEL).exists()


@contextlib.contextmanager
def _locked(place: Path) -> Iterator[int]:
    """A handle that holds the lock; a child that inherits it goes on holding it."""
    handle = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    except BlockingIOError as error:
        raise UserError(f"job {place.name} has a process already", fix="`harness train show`") from error
    finally:
        os.close(handle)


def _alive(place: Path) -> bool:
    """Whoever only asks shares the lock: two that ask do not take each other for the job."""
    with (place / _LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _wait_for(place: Path) -> None:
    with (place / _LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def _as_it_stands(place: Path) -> Job:
    """What the last word of the job says, where its process is there to stand by it."""
    alive = _alive(place)  # asked first: whoever ends tells it before letting go
    told = events.read(place, "status_change")
    state = str(told[-1].data["status"]) if told else PENDING
    asked = spec.read(place)
    if state in ENDED:
        reason, code = str(told[-1].data.get("reason", "")), told[-1].data.get("exit_code", 0)
        return Job(place.name, place, asked, state, reason, int(code) if isinstance(code, int) else 0)
    if alive:
        return Job(place.name, place, asked, state)
    if is_cancelled(place):
        return Job(place.name, place, asked, CANCELLED)
    return Job(place.name, place, asked, FAILED, _KILLED, 3)
