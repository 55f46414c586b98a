"""The client's end of one child process: events in, jobs out, the last of what the app printed. Knows no job."""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

from harness.app.worker.wire import Channel

KEPT = 16_384  # bytes of output kept

GONE: dict[str, Any] = {"op": "gone"}


class Tail:
    """The last bytes that a process wrote to its output, read by a thread until it closes."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        self._data = b""
        threading.Thread(target=self._drain, name="harness-output", daemon=True).start()

    def close_writer(self) -> None:
        """Close this process's copy of the writing end, once the child has its own."""
        os.close(self.writer)

    def text(self) -> str:
        """What was kept, as text."""
        return self._data.decode(errors="replace").strip()

    def _drain(self) -> None:
        with os.fdopen(self._reader, "rb", buffering=0) as stream:
            while piece := stream.read(65_536):
                self._data = (self._data + piece)[-KEPT:]


class Link:
    """A running child. One thread reads it all the time, so that the app never waits for us."""

    def __init__(self, sock: socket.socket, tail: Tail, kill: Callable[[], None]) -> None:
        self.channel, self.tail = Channel(sock), tail
        self.status: int | None = None  # of the process once it ended; negative = signal
        self._kill = kill
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._read, name="harness-app", daemon=True).start()

    def event(self, timeout: float) -> dict[str, Any] | None:
        """The next message of the worker, ``GONE`` after the last one, None when ``timeout`` seconds pass."""
        try:
            return self._events.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None

    def ended(self, status: int) -> None:
        """The process is known to have ended; a grandchild may still hold its socket open."""
        self.status = status
        try:
            self.channel.sock.shutdown(socket.SHUT_RD)
        except OSError:
            pass

    def close(self) -> None:
        """End the process and all that it started."""
        self._kill()
        self.channel.close()

    def _read(self) -> None:
        while (message := self.channel.receive()) is not None:
            self._events.put(message)
        self._events.put(GONE)
