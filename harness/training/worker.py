"""The process of one training job: ``python -m harness.training.worker FOLDER [TIE]``. Ends with the job's exit code.

It validates, waits for its turn, trains from the last checkpoint, and leaves ``result/`` whole or not at all. All that
it says goes into the job's events. With a TIE (``jobs.bound``) it is cancelled when that is closed.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from harness.errors import HarnessError, MachineError, boundary
from harness.training import bases, estimate, events, examples, jobs, parameters, spec

_RESERVE, _RESERVED = "reserve", 1 << 16  # room in which a job can still say that the disk is full


class CancelledError(BaseException):
    """Somebody asked for the end; passes every ``except Exception``."""


def main() -> int:
    """Run the job to one of its ends."""
    folder = Path(sys.argv[1]).resolve()
    (folder / _RESERVE).write_bytes(bytes(_RESERVED))
    signal.signal(signal.SIGTERM, _cancel)
    for tie in sys.argv[2:]:
        threading.Thread(target=_end_with, args=(int(tie),), daemon=True).start()
    try:
        if jobs.is_cancelled(folder):
            raise CancelledError
        _work(folder)
    except CancelledError:
        (folder / _RESERVE).unlink(missing_ok=True)
        events.tell(folder, "status_change", status=jobs.CANCELLED)
        return 130
    except HarnessError as error:
        return _failed(folder, error)
    except OSError as error:
        return _failed(folder, _of_machine(error))
    (folder / _RESERVE).unlink(missing_ok=True)
    return 0


def _cancel(number: int, frame: FrameType | None) -> None:
    raise CancelledError


def _end_with(tie: int) -> None:
    """As if somebody had cancelled it, once whoever started it is gone."""
    os.read(tie, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _uninterrupted() -> None:
    """What is left takes a moment, and is better whole."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _work(folder: Path) -> None:
    events.tell(folder, "status_change", status=jobs.VALIDATING)
    with boundary("the training", where=folder.name):
        try:
            _train(folder)
        except (MemoryError, RuntimeError) as error:
            if not estimate.is_want_of_memory(error):
                raise
            raise MachineError(f"out of memory: {str(error).splitlines()[0]}", fix=_smaller(folder)) from error
        except OSError as error:
            raise _of_machine(error) from error


def _train(folder: Path) -> None:
    """Torch is loaded here: what is wrong with a job should be said before those seconds, and is, where it can be."""
    asked = spec.read(folder)
    chosen = parameters.read(asked.method, asked.parameters)
    base = bases.find(asked.base)
    from harness.training import preparing, sitting

    ready = preparing.prepare(asked, base, chosen, examples.load(folder / jobs.DATA, asked.data))
    for note in (*asked.notes, *ready.notes):
        events.tell(folder, "warning", message=note)
    events.tell(folder, "status_change", status=jobs.QUEUED)
    with jobs.turn(folder):
        events.tell(folder, "status_change", status=jobs.RUNNING)
        sitting.train(folder, asked, ready, _uninterrupted)


def _smaller(folder: Path) -> str:
    asked = spec.read(folder)
    chosen = parameters.read(asked.method, asked.parameters)
    return estimate.what_fits(bases.find(asked.base), asked.method, chosen)


def _failed(folder: Path, error: HarnessError) -> int:
    (folder / _RESERVE).unlink(missing_ok=True)
    events.tell(folder, "error", message=error.message, where=error.where, fix=error.fix)
    events.tell(folder, "status_change", status=jobs.FAILED, reason=str(error), exit_code=error.exit_code)
    return error.exit_code


def _of_machine(error: OSError) -> HarnessError:
    where = str(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        said = f"the disk is full: {error.strerror}"
        return MachineError(said, where=where, fix="free some space, then go on with `harness train resume`")
    said = f"the machine refused: {error.strerror or error}"
    return MachineError(said, where=where, fix="make it readable and writable for you, then `harness train resume`")


if __name__ == "__main__":
    sys.exit(main())
