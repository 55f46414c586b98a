"""A server from its socket to its end: who may reach it, what is said when it stands, and a quiet stop.

Knows nothing of what is served.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from harness.errors import MachineError, UserError
from harness.models.engine import Sampling

FIRST = Sampling(temperature=0, max_tokens=1)  # of the answer that shows that a model works before it is offered
_GRACE = 3  # seconds that answers in flight get when the server is to end
KEY = "HARNESS_API_KEY"  # environment variable: clients must send it; never written down


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen."""

    host: str
    port: int  # 0 = any that is free
    public: bool = False  # other machines may reach it

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that a request may be for: a page in a browser must not reach this machine by a name of its own."""
        return ("*",) if self.public or ":" in self.host else ("localhost", "127.0.0.1", self.host)


def key() -> str:
    """What clients must send, "" = nothing."""
    return os.environ.get(KEY, "")


def listen(place: Place) -> socket.socket:
    """The socket, bound. Raises UserError for a host that others reach, MachineError where the port cannot be had."""
    if not place.public and not _loopback(place.host):
        raise UserError(
            f"{place.host} can be reached from other machines",
            where="--host",
            fix=f"leave --host out, or say that you mean it with --public; {KEY} makes clients send a key",
        )
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((place.host, place.port))
    except OSError as error:
        bound.close()
        where = f"{place.host}:{place.port}"
        if error.errno == errno.EADDRINUSE:
            raise MachineError("the port is in use", where=where, fix="end who uses it, or --port N") from error
        raise MachineError(f"cannot listen: {error.strerror}", where=where, fix="another --host or --port") from error
    return bound


def serve(application: ASGIApp, bound: socket.socket, ready: Callable[[str], None]) -> None:
    """Until SIGINT or SIGTERM; ``ready`` is told the address when requests are answered."""
    config = uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=_GRACE, lifespan="off")
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(f"http://{shown}:{port}")

    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when all is closed
        Server(config).run(sockets=[bound])


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
