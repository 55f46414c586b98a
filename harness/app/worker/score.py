"""Scores recorded runs with one metric file of the user's: one message, one answer, until the other end is gone.

Single-threaded on purpose: a timer interrupts a metric that hangs, where Python still answers, so that its place can be
told. A second one, of processor time, ends the process where Python does not answer (a pattern that backtracks without
end), so that nothing is left behind when the client is gone. Knows nothing of what a score means.
"""

from __future__ import annotations

import functools
import signal
import socket
import sys
import traceback
from pathlib import Path
from types import FrameType, ModuleType, SimpleNamespace
from typing import Any

from . import evaluators
from .blame import MAX_TEXT, attempt
from .wire import Channel

SPARE = 2.0  # seconds that a metric which hangs has beyond its time before the process is ended


class Late(BaseException):
    """Raised inside a metric whose time is up. Not for the metric to catch."""


def main(channel_fd: int) -> int:
    """Load what the first message names, then score what each further one holds."""
    channel = Channel(socket.socket(fileno=channel_fd))
    order = channel.receive()
    if order is None:
        return 0
    signal.signal(signal.SIGALRM, _late)
    file = Path(order["root"]) / order["path"]
    load = functools.partial(_evaluator if order.get("evaluator") else _load, Path(order["root"]), file, order)
    module, error = attempt(load)
    if error is not None:
        channel.send({"op": "failed", **_told(error, file)})
        return 1
    channel.send({"op": "ready"})
    while (message := channel.receive()) is not None:
        answer, error = attempt(functools.partial(_score, module, message, order["timeout"]))
        if error is not None:
            answer = {"op": "late" if isinstance(error, Late) else "failed", **_told(error, file)}
        channel.send(answer)
    return 0


def _evaluator(root: Path, file: Path, order: dict[str, Any]) -> Any:
    """An evaluator of another tool, or of the repo, that looks like a metric's module."""
    _find_from(root, root)
    return evaluators.load(order["evaluator"])


def _find_from(root: Path, folder: Path) -> None:
    """Import from the metric's own folder, and from the repo as the app does."""
    folders = [str(place) for place in dict.fromkeys((folder, root, root / "src")) if place.is_dir()]
    sys.path[:] = folders + [entry for entry in sys.path if entry not in ("", *folders)]
    sys.dont_write_bytecode = True


def _load(root: Path, file: Path, order: dict[str, Any]) -> ModuleType:
    """The module of the text that the client has read and digested, whatever the file holds by now."""
    _find_from(root, file.parent)
    module = ModuleType(f"_metric_{file.stem}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # dataclasses of the file look themselves up there
    code = compile(order["source"], str(file), "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102 - the user's own file
    return module


def _score(module: Any, message: dict[str, Any], timeout: float) -> dict[str, Any]:
    """The metric's answer, or how it is written where it is neither a number nor a text."""
    case, run = SimpleNamespace(**message["case"]), _run(message["run"])
    try:
        signal.setitimer(signal.ITIMER_REAL, timeout)
        signal.setitimer(signal.ITIMER_PROF, timeout + SPARE)
        value = module.score(case, run, message["options"])
        if isinstance(value, str) or hasattr(value, "__float__"):  # numbers of other libraries too
            return {"op": "scored", "value": str(value) if isinstance(value, str) else float(value)}
        return {"op": "odd", "value": repr(value)[:MAX_TEXT]}
    finally:
        for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)


def _run(data: dict[str, Any]) -> SimpleNamespace:
    fault = SimpleNamespace(**data["fault"]) if data["fault"] else None
    calls = tuple(SimpleNamespace(**call) for call in data["calls"])
    return SimpleNamespace(**{**data, "fault": fault, "calls": calls})


def _told(error: BaseException, file: Path) -> dict[str, Any]:
    """An exception as plain data, with the innermost line of the metric's own file; 0 where there is none."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    if isinstance(error, SyntaxError) and error.filename == str(file):
        lines.append(error.lineno)
    return {
        "type": type(error).__name__,
        "message": str(error)[:MAX_TEXT],
        "module": getattr(error, "name", None) or "" if isinstance(error, ImportError) else "",
        "line": lines[-1] if lines else 0,
    }


def _late(number: int, frame: FrameType | None) -> None:
    raise Late("its time is up")
