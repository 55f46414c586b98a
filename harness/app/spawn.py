"""Starts the worker in the target's interpreter, with a socket to talk over and the tail of what it prints."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.app.link import Tail
from harness.errors import AppError

WORKER = Path(__file__).resolve().parent / "worker"


def spawn(
    python: str, arguments: Sequence[str], cwd: str, env: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], socket.socket, Tail]:
    """A process in a session of its own, so that Ctrl-C in the terminal reaches the client only; our end of its socket.

    ``arguments`` stand before the number of its own end; ``env`` is added to the environment. Raises AppError when the
    interpreter cannot be started.
    """
    ours, theirs = socket.socketpair()
    tail = Tail()
    # A fixed hash seed: prompts built from sets would else differ from process to process, and replay would miss them.
    environment = {"PYTHONHASHSEED": "0", **os.environ, **env}
    try:
        process = subprocess.Popen(
            [python, str(WORKER), *arguments, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=tail.writer,
            stderr=tail.writer,
        )
    except OSError as error:
        ours.close()
        raise AppError(
            f"the interpreter {python} cannot be started: {error.strerror}",
            where="python",
            fix="name the app's interpreter with [tool.harness] python",
        ) from error
    finally:
        theirs.close()
        tail.close_writer()
    return process, ours, tail
