"""The app's worker in a process forked from one that has loaded langgraph: its import is paid once, not per command.

A real process in a session of its own, with its own descriptors, folder and environment; only its start is shared.
Run as a program this file is that template: it gets orders over a socket until the other end is gone.
"""

from __future__ import annotations

import functools
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from harness.app.link import Tail

WORKER = Path(__file__).resolve().parent.parent / "harness/app/worker"
SEED = "0"  # of hashes, as spawn has it
LONGEST = 1 << 20  # bytes of an order


class Forked:
    """What the client needs of a process that is not its child: the end of it, and a way to end it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._end = os.pidfd_open(pid)

    def wait(self, timeout: float | None = None) -> int:
        """Until it has ended; its exit code stays with its parent. Raises TimeoutExpired like Popen."""
        if not select.select([self._end], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return 0

    def kill(self) -> None:
        """At once."""
        signal.pidfd_send_signal(self._end, signal.SIGKILL)


@functools.cache
def template() -> socket.socket:
    """Our end of the template of this process, which is started when it is first asked for."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {**os.environ, "PYTHONHASHSEED": SEED}
    command = [sys.executable, __file__, str(theirs.fileno())]
    subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True, env=environment)
    theirs.close()
    return ours


def spawn(
    python: str, arguments: Sequence[str], cwd: str, env: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes] | Forked, socket.socket, Tail]:
    """In place of ``harness.app.spawn.spawn``, which has all that is not this interpreter's host of an app."""
    from harness.app.link import Tail
    from harness.app.spawn import spawn as started

    environment = {"PYTHONHASHSEED": SEED, **os.environ, **env}
    if arguments or Path(python) != Path(sys.executable) or environment["PYTHONHASHSEED"] != SEED:
        return started(python, arguments, cwd, env)
    ours, theirs = socket.socketpair()
    tail = Tail()
    answer, written = os.pipe()
    order = json.dumps({"cwd": cwd, "env": environment}).encode()
    socket.send_fds(template(), [order], [theirs.fileno(), tail.writer, written])
    theirs.close()
    tail.close_writer()
    os.close(written)
    with os.fdopen(answer) as told:
        return Forked(int(told.read())), ours, tail


def _serve(orders: socket.socket) -> None:
    """Fork a worker per order."""
    package = _worker()
    host = importlib.import_module(f"{package}.host")
    for name in (*host.NEEDED, f"{package}.child"):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    alive: set[int] = set()
    while True:
        data, fds, _, _ = socket.recv_fds(orders, LONGEST, 3)
        if not data:
            return
        channel, output, answer = fds
        pid = os.fork()
        if not pid:
            orders.close()
            os.close(answer)
            _become(host, json.loads(data), channel, output)
        alive = {one for one in alive if not os.waitpid(one, os.WNOHANG)[0]} | {pid}
        os.write(answer, str(pid).encode())
        for fd in fds:
            os.close(fd)


def _worker() -> str:
    """The worker's folder as its own entry loads it; its name as a package."""
    sys.path.pop(0)  # the folder of this file
    spec = importlib.util.spec_from_file_location("entry", WORKER / "__main__.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"no worker in {WORKER}")
    entry = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(entry)
    entry.load()
    return str(entry.NAME)


def _become(host: Any, order: dict[str, Any], channel: int, output: int) -> NoReturn:
    """What ``python WORKER CHANNEL`` would be."""
    try:
        os.setsid()
        os.chdir(order["cwd"])
        os.environ.clear()
        os.environ.update(order["env"])
        for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        os.close(output)
        sys.argv = [str(WORKER), str(channel)]
        time.tzset()
        os._exit(host.main([str(channel)]))
    finally:
        os._exit(70)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
