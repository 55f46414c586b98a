"""One version of the app in its own process: imports it, then serves jobs until the other end is gone.

Started by the host, by fork or by spawn. Ends with ``os._exit``, because hung threads of the app must not delay it.
"""

from __future__ import annotations

import asyncio
import faulthandler
import functools
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .blame import attempt, describe
from .graphs import Graph, Refused, build, load, on_loop
from .imports import roots
from .models import install
from .runs import Runner
from .scope import current_or_none, follow_threads
from .wire import EXIT, Channel


def serve(channel_fd: int, output_fd: int, order: dict[str, Any]) -> None:
    """Be the app of ``order`` until the client hangs up. Never returns."""
    channel = Channel(socket.socket(fileno=channel_fd))
    _, error = attempt(lambda: _live(channel, output_fd, order))
    if error is not None:
        channel.send({"op": "failed", **describe(error, Path(order["tree"])), "fix": ""})
    EXIT(0 if error is None else 70)


def _live(channel: Channel, output_fd: int, order: dict[str, Any]) -> None:
    tree = Path(order["tree"])
    _settle(output_fd, tree, order)
    install()
    follow_threads()
    _announce_exits(channel)
    loop = _loop()
    graph, error = attempt(functools.partial(_open, tree, order, loop))
    if error is not None:
        channel.send({"op": "failed", **describe(error, tree), **_advice(error)})
        return
    runner = Runner(graph, loop, tree, order, channel.send)
    channel.send({"op": "ready", **graph.facts()})
    while True:
        readable, _, _ = select.select([channel.sock], [], [], runner.next_deadline())
        if readable:
            message = channel.receive()
            if message is None:
                return
            if message["op"] == "kept":
                runner.kept(message["n"])
            else:
                runner.start(message)
        runner.check_deadlines()


def _settle(output_fd: int, tree: Path, order: dict[str, Any]) -> None:
    """Make the process the app's: its session, streams, folder, import path and random state."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output_fd, 1), (output_fd, 2)):
        os.dup2(source, target)
    faulthandler.enable(file=2, all_threads=False)
    os.chdir(tree)
    folders = [str(folder) for folder in roots(tree, order["entry"], tuple(order["paths"]))]
    sys.path[:] = folders + [entry for entry in sys.path if entry not in ("", *folders)]
    sys.argv[:] = [str(tree / order["entry"].partition(":")[0])]
    sys.dont_write_bytecode = True  # a candidate of equal size and second would run the stale code
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        attempt(lambda: numpy.random.seed())  # forks share its state; Python's own is reseeded by Python


def _open(tree: Path, order: dict[str, Any], loop: asyncio.AbstractEventLoop) -> Graph:
    found = load(tree, order["entry"], roots(tree, order["entry"], tuple(order["paths"])))
    return build(found, on_loop(loop), order["context"])


def _advice(error: BaseException) -> dict[str, str]:
    """What the client needs to say how to mend it."""
    if isinstance(error, Refused):
        return {"type": "Refused", "where": error.where, "fix": error.fix, "traceback": ""}
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    frames = [frame for frame in _frames(error) if frame.endswith("os.py:__getitem__")]
    variable = str(error.args[0]) if isinstance(error, KeyError) and frames and error.args else ""
    return {"fix": "", "module": missing or "", "variable": variable}


def _frames(error: BaseException) -> list[str]:
    found, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(
            f"{'os.py' if code.co_filename.endswith('os.py') or 'frozen os' in code.co_filename else ''}:{code.co_name}"
        )
        trace = trace.tb_next
    return found


def _announce_exits(channel: Channel) -> None:
    """Let an app that leaves by os._exit name the run that did it."""
    me = os.getpid()

    def leave(status: int) -> None:
        place = current_or_none() if os.getpid() == me else None
        if place is not None:
            channel.send({"op": "leaving", "n": place.scope.n, "status": status})
        EXIT(status)

    os._exit = leave  # type: ignore[assignment]


def _loop() -> asyncio.AbstractEventLoop:
    """The app's one event loop, driven by a thread: clients of async libraries are bound to the loop of their birth."""
    loop = asyncio.new_event_loop()

    def drive() -> None:
        asyncio.set_event_loop(loop)
        while not loop.is_closed():
            attempt(loop.run_forever)  # a SystemExit in a task stops the loop, not the process

    threading.Thread(target=drive, name="harness-loop", daemon=True).start()
    return loop


Serve = Callable[[int, int, dict[str, Any]], None]
