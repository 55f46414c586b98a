"""The client's end of one child process: events in, jobs out, the last of what the app printed. Knows no job."""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.app.worker.wire import Channel

KEPT = 16_384  # bytes of output kept
MAX_WORDS = 2_000  # characters of them that go into a message
SETTLING = 1.0  # seconds that news of an ended process may take

GONE: dict[str, Any] = {"op": "gone"}


class Tail:
    """The last bytes that a process wrote to its output, read by a thread until it closes."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        self._data = b""
        self._thread = threading.Thread(target=self._drain, name="harness-output", daemon=True)
        self._thread.start()

    def close_writer(self) -> None:
        """Close this process's copy of the writing end, once the child has its own."""
        os.close(self.writer)

    def text(self) -> str:
        """What was kept, as text."""
        return self._data.decode(errors="replace").strip()

    def last_words(self, tree: Path) -> str:
        """What a process that ended left behind: of a crash the frames inside ``tree``, else the end of its output."""
        self._thread.join(SETTLING)
        _, fatal, crash = self.text().rpartition("Fatal Python error")
        if not fatal:
            return crash[-MAX_WORDS:]
        lines = [line for line in crash.splitlines() if f'File "{tree}' in line]
        return "\n".join([fatal + crash.splitlines()[0], *lines]).replace(f"{tree}{os.sep}", "")[-MAX_WORDS:]

    def _drain(self) -> None:
        with os.fdopen(self._reader, "rb", buffering=0) as stream:
            while piece := stream.read(65_536):
                self._data = (self._data + piece)[-KEPT:]


class Link:
    """A running child. One thread reads it all the time, so that the app never waits for us."""

    def __init__(self, sock: socket.socket, tail: Tail, kill: Callable[[], None]) -> None:
        self.channel, self.tail = Channel(sock), tail
        self._status: int | None = None
        self._ended = threading.Event()
        self._kill = kill
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._bell: threading.Event | None = None
        threading.Thread(target=self._read, name="harness-app", daemon=True).start()

    def event(self, timeout: float) -> dict[str, Any] | None:
        """The next message of the worker, ``GONE`` after the last one, None when ``timeout`` seconds pass."""
        try:
            return self._events.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None

    def ring(self, bell: threading.Event) -> None:
        """From now on set ``bell`` at every message, for one thread that serves several links; set it now, too."""
        self._bell = bell
        bell.set()

    def status(self) -> int | None:
        """Exit code of a process that is gone, negative for a signal; None when nobody knows."""
        self._ended.wait(SETTLING)
        return self._status

    def ended(self, status: int) -> None:
        """The process is known to have ended; a grandchild may still hold its socket open."""
        self._status = status
        self._ended.set()
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
            self._tell(message)
        self._tell(GONE)

    def _tell(self, message: dict[str, Any]) -> None:
        self._events.put(message)
        if self._bell is not None:
            self._bell.set()
