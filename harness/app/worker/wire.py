"""Framed JSON over a socket: four bytes of length, big-endian, then UTF-8. Both ends use it; it knows no message."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from typing import Any

HEADER = struct.Struct(">I")
EXIT = os._exit  # before the app can be told another
MAX_FRAME = 1 << 30  # bytes; a longer one is a broken stream, not a message


class Channel:
    """One end of a connection. Any thread of the process that made it may send; one thread receives."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def send(self, message: dict[str, Any]) -> bool:
        """Send one message whole; False when the other end is gone.

        A copy of the process that an app has forked, and that runs on into our code, ends here: its words would be cut
        into those of the process that it is a copy of.
        """
        if os.getpid() != self._owner:
            EXIT(0)
        data = json.dumps(message, separators=(",", ":")).encode()
        try:
            with self._lock:
                self.sock.sendall(HEADER.pack(len(data)) + data)
        except OSError:
            return False
        return True

    def receive(self) -> dict[str, Any] | None:
        """The next message, waiting for it; None when the other end is gone or the stream is broken."""
        head = self._exactly(HEADER.size)
        if head is None:
            return None
        (size,) = HEADER.unpack(head)
        data = self._exactly(size) if size <= MAX_FRAME else None
        if data is None:
            return None
        message = json.loads(data)
        return message if isinstance(message, dict) else None

    def close(self) -> None:
        """Close this end; a receive that waits on it returns None."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def _exactly(self, size: int) -> bytes | None:
        data = bytearray()
        while len(data) < size:
            try:
                piece = self.sock.recv(min(size - len(data), 1 << 20))
            except OSError:
                return None
            if not piece:
                return None
            data += piece
        return bytes(data)
