"""Whose fault an exception is, and the app's own frames of it. The worker's one place that catches anything.

Knows the shapes of network errors by name and status, so that no provider's library need be installed.
"""

from __future__ import annotations

import errno
import linecache
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

NETWORK = frozenset(
    {
        *("APIConnectionError", "APITimeoutError", "RateLimitError", "InternalServerError", "OverloadedError"),
        *("ServiceUnavailableError", "ServiceUnavailable", "ResourceExhausted", "DeadlineExceeded", "TooManyRequests"),
        *("ThrottlingException", "EndpointConnectionError", "ClientConnectionError", "ServerDisconnectedError"),
        *("TransportError", "RemoteDisconnected", "gaierror"),
    }
)
NETWORK_HOMES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "aiohttp"})
TRANSIENT = frozenset({408, 425, 429, 529})
REFUSED = frozenset({401, 402})  # the key or the account: no prompt is the reason, and asking again does not help
LIMITED = frozenset({"RateLimitError", "ResourceExhausted", "TooManyRequests", "ThrottlingException"})
MAX_TEXT = 4000  # characters of a message or a traceback that are worth keeping


def attempt(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """(value, None), or (None, what the stranger's code raised), SystemExit and KeyboardInterrupt included."""
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - this is the boundary to the user's code
        return None, error


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it, the members of exception groups too, each once."""
    todo, seen = [error], set()
    while todo:
        current = todo.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [item for item in (current.__cause__, current.__context__) if item is not None]
        todo += list(getattr(current, "exceptions", ()))


def status(error: BaseException) -> int:
    """The HTTP status that an exception carries, 0 for none."""
    for holder in (error, getattr(error, "response", None)):
        for name in ("status_code", "status", "http_status", "code"):
            value = getattr(holder, name, None)
            if isinstance(value, int) and 100 <= value < 600:
                return int(value)
    return 0


def is_network(error: BaseException) -> bool:
    """Whether a model call failed for a reason that is neither the app's nor the prompt's."""
    code = status(error)
    if code >= 400:  # below that it is of a reply that came and could not be read
        return code in TRANSIENT or code in REFUSED or code >= 500
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    kinds = type(error).__mro__
    if any(kind.__name__ in NETWORK for kind in kinds):
        return True
    if isinstance(error, OSError):
        return any(kind.__module__.partition(".")[0] in NETWORK_HOMES for kind in kinds)
    return isinstance(error, ValueError) and type(error).__name__ == "JSONDecodeError" and _read_of_endpoint(error)


def _read_of_endpoint(error: BaseException) -> bool:
    """Whether an HTTP client raised it inside a model call: the endpoint's reply broke off."""
    files = [Path(frame.filename).parts for frame in traceback.extract_tb(error.__traceback__)]
    return any("language_models" in parts for parts in files) and any(NETWORK_HOMES & set(parts) for parts in files)


def is_full(error: BaseException) -> bool:
    """Whether the machine has no room left for what the app writes: neither the app's fault nor the prompt's."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_refused(error: BaseException) -> bool:
    """Whether the provider does not take the key, or wants to be paid first."""
    return status(error) in REFUSED


def is_limited(error: BaseException) -> bool:
    """Whether the provider asks for a slower pace."""
    return status(error) == 429 or any(kind.__name__ in LIMITED for kind in type(error).__mro__)


def retry_after(error: BaseException) -> float:
    """Seconds that the provider asks to wait, 0 when it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    value, failed = attempt(lambda: float(headers.get("retry-after", 0)))
    return 0.0 if failed is not None else max(0.0, value)


def describe(error: BaseException, tree: Path) -> dict[str, Any]:
    """An exception as plain data: type, message, the app's own frames, and the last of them as "file:line"."""
    text = str(error).strip() or type(error).__name__
    return {
        "type": type(error).__name__,
        "message": text[:MAX_TEXT],
        "traceback": own_frames(error, tree),
        "where": where(error, tree),
    }


def own_frames(error: BaseException, tree: Path) -> str:
    """The frames inside the tree, outermost first, with paths relative to it, ending with the exception."""
    lines: list[str] = []
    for link in reversed(list(chain(error))):
        frames = list(_own(link.__traceback__, tree))
        if frames or link is error:
            lines += [*frames, f"{type(link).__name__}: {link}"]
    return "\n".join(lines)[-MAX_TEXT:]


def where(error: BaseException, tree: Path) -> str:
    """ "file:line" of the innermost frame inside the tree, "" when there is none."""
    if isinstance(error, SyntaxError) and error.filename and _inside(error.filename, tree):
        return f"{_inside(error.filename, tree)}:{error.lineno}"
    places = [
        f"{_inside(frame.filename, tree)}:{frame.lineno}"
        for link in reversed(list(chain(error)))
        for frame in traceback.extract_tb(link.__traceback__)
        if _inside(frame.filename, tree)
    ]
    return places[-1] if places else ""


def stack(frame: FrameType | None, tree: Path) -> str:
    """Where a thread stands right now, the app's own frames only."""
    summary = traceback.extract_stack(frame) if frame is not None else []
    return "\n".join(
        _line(item.filename, item.lineno or 0, item.name, tree) for item in summary if _inside(item.filename, tree)
    )


def _own(trace: TracebackType | None, tree: Path) -> Iterator[str]:
    for item in traceback.extract_tb(trace):
        if _inside(item.filename, tree):
            yield _line(item.filename, item.lineno or 0, item.name, tree)


def _line(filename: str, number: int, name: str, tree: Path) -> str:
    source = linecache.getline(filename, number).strip()
    return f'  File "{_inside(filename, tree)}", line {number}, in {name}\n    {source}'


def _inside(filename: str, tree: Path) -> str:
    """The path relative to the tree with forward slashes; "" outside it or in an environment that lies within."""
    path = Path(filename)
    if not path.is_relative_to(tree):
        return ""
    relative = path.relative_to(tree)
    return "" if {"site-packages", "dist-packages"} & set(relative.parts) else relative.as_posix()
