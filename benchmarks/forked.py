"""The command line in a process forked from this one, which has imported everything: no import is paid twice.

A real process with its own descriptors, signals and exit code; only its start is shared.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.cli import main, tuning  # noqa: F401 - tuning imports what a run needs, once for all forks


def forked(folder: Path, arguments: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """``harness arguments`` in ``folder``: exit code, stdout, stderr. ``env`` is added to the environment."""
    out, err = (os.memfd_create(name) for name in ("out", "err"))
    pid = os.fork()
    if not pid:
        os._exit(_child(folder, arguments, env or {}, out, err))
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), _text(out), _text(err)


def _text(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        return file.read().decode()


def _child(folder: Path, arguments: Sequence[str], env: Mapping[str, str], out: int, err: int) -> int:
    """Exit code of the command line; nothing that the parent has set up is used or unwound."""
    try:
        with Path(os.devnull).open() as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
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
