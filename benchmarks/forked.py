"""The command line in a process forked from this one, which has imported everything: no import is paid twice.

A real process with its own descriptors, signals and exit code; only its start is shared, and that of the app's worker.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import preloaded
from harness.__main__ import main
from harness.app import host
from harness.cli import tuning  # noqa: F401 - imports what a run needs, once for all forks


class Begun:
    """A command at work, with what Popen has for it."""

    def __init__(self, folder: Path, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.returncode: int | None = None
        self._said = [os.memfd_create(name) for name in ("out", "err")]
        preloaded.template()
        self.pid = os.fork()
        if not self.pid:
            os._exit(_child(folder, arguments, env or {}, *self._said))
        self._end = os.pidfd_open(self.pid)

    def poll(self, seconds: float | None = 0.0) -> int | None:
        """Its exit code, waited for so long; None while it runs."""
        if self.returncode is None and select.select([self._end], [], [], seconds)[0]:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._end)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """To it alone."""
        os.kill(self.pid, number)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Its stdout and stderr, once it has ended."""
        if self.poll(timeout) is None:
            raise TimeoutError(f"process {self.pid} still runs after {timeout} s")
        out, err = map(_text, self._said)
        return out, err


def forked(folder: Path, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """``harness arguments`` in ``folder``: exit code, stdout, stderr. ``env`` is added to the environment."""
    begun = Begun(folder, arguments, env)
    out, err = begun.communicate()
    return begun.returncode or 0, out, err


def _text(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        return file.read().decode()


def _child(folder: Path, arguments: Sequence[str], env: Mapping[str, str], out: int, err: int) -> int:
    """Exit code of the command line, which has nothing to read."""
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    return as_command(folder, arguments, env)


def as_command(folder: Path, arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """The command line in a process just forked, on its descriptors 0 to 2: exit code. Nothing that the parent has set
    up is used or unwound."""
    gc.freeze()  # what the parent holds is never garbage here, and looking through it would copy all of its pages
    host.spawn = preloaded.spawn  # type: ignore[assignment, attr-defined]
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(folder)
        os.environ.update(env)
        sys.argv = ["harness", *arguments]
        main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:  # noqa: BLE001 - the parent must see it
        traceback.print_exc()
        return 99
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
