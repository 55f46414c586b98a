"""The preloaded process: imports third-party packages once, then makes one child per version of the app.

It runs no user code, opens no model and starts no thread, so that a fork of it is safe; where it is not, it spawns.
It ends, and takes its children with it, when the client is gone.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from . import score
from .blame import attempt
from .imports import roots, third_party
from .wire import Channel

CHILD = "child"  # flag of a spawned child on the command line
SCORE = "score"  # flag of a process that runs a metric of the user's
NEEDED = ("langgraph.graph", "langgraph.prebuilt", "langgraph.checkpoint.memory", "langchain_core.language_models")


class Host:
    """The children of one client."""

    def __init__(self, control: Channel, serve: Any) -> None:
        self._control, self._serve = control, serve
        self._children: set[int] = set()

    def live(self) -> None:
        """Serve the client until it is gone."""
        wakeup, written = os.pipe()
        for end in (wakeup, written):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        alive = True
        while alive:
            control = self._control.sock.fileno()
            readable, _, _ = select.select([control, wakeup], [], [])
            if wakeup in readable:
                os.read(wakeup, 4096)
                self._reap()
            if control in readable:
                alive = self._obey()
        for pid in self._children:
            _kill(pid)

    def _obey(self) -> bool:
        order = self._control.receive()
        if order is None:
            return False
        if order["op"] == "kill" and order["pid"] in self._children:
            _kill(order["pid"])
        if order["op"] == "open":
            _, fds, _, _ = socket.recv_fds(self._control.sock, 1, 2)
            pid = self._fork(fds, order) if order["fork"] and _can_fork() else _spawn(fds, order)
            self._children.add(pid)
            for fd in fds:
                os.close(fd)
            self._control.send({"op": "opened", "pid": pid})
        return True

    def _fork(self, fds: list[int], order: dict[str, Any]) -> int:
        pid = os.fork()
        if pid:
            return pid
        signal.set_wakeup_fd(-1)
        self._control.sock.close()
        self._serve(fds[0], fds[1], order)
        return 0

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, failed = attempt(lambda pid=pid: os.waitpid(pid, os.WNOHANG))  # type: ignore[misc]
            if failed is not None or ended[0]:
                self._children.discard(pid)
                status = -1 if failed is not None else os.waitstatus_to_exitcode(ended[1])
                self._control.send({"op": "exited", "pid": pid, "status": status})


def main(arguments: list[str]) -> int:
    """``CONTROL_FD``: be the host. ``child CHANNEL_FD OUTPUT_FD ORDER``: be a spawned child. ``score CHANNEL_FD``: run
    a metric."""
    if arguments[0] == SCORE:
        return score.main(int(arguments[1]))
    if arguments[0] == CHILD:
        _serving()(int(arguments[1]), int(arguments[2]), json.loads(arguments[3]))
    control = Channel(socket.socket(fileno=int(arguments[0])))
    order = control.receive()
    if order is None:
        return 0
    gc.disable()  # nothing that is imported is garbage: looking for it would take a fifth of the time
    serve, failed = attempt(lambda: _preload(order))
    gc.enable()
    if failed is not None:
        control.send(
            {
                "op": "failed",
                "type": type(failed).__name__,
                "message": str(failed),
                "module": getattr(failed, "name", None) or "",
            }
        )
        return 3
    gc.collect()
    gc.freeze()  # pages of the preloaded packages stay shared: the children's collector passes them over
    control.send({"op": "ready"})
    Host(control, serve).live()
    return 0


def _preload(order: dict[str, Any]) -> Any:
    """Import what every version will need. A package of the user's choice that fails to import fails later, in the
    child, with the user's own frames around it."""
    serve = _serving()
    tree = Path(order["tree"])
    folders = roots(tree, order["entry"], tuple(order["paths"]))
    names = third_party(tree / order["entry"].partition(":")[0], folders)
    for name in (*NEEDED, *names, *order["preload"]):
        attempt(lambda name=name: importlib.import_module(name))  # type: ignore[misc]
    return serve


def _serving() -> Any:
    """The child's code, which needs langgraph: imported late, so that its absence can be told over the wire."""
    return importlib.import_module(f"{__package__}.child").serve


def _can_fork() -> bool:
    return hasattr(os, "fork") and threading.active_count() == 1 and sys.platform != "darwin"


def _spawn(fds: list[int], order: dict[str, Any]) -> int:
    folder = str(Path(__file__).resolve().parent)
    command = [sys.executable, folder, CHILD, str(fds[0]), str(fds[1]), json.dumps(order)]
    # Popen's own bookkeeping is passed over: _reap waits for every child by its pid.
    return subprocess.Popen(command, pass_fds=fds, start_new_session=True).pid


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        attempt(lambda kill=kill: kill(pid, signal.SIGKILL))  # type: ignore[misc]
