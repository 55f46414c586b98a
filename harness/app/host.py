"""Starts the preloaded process with the target's interpreter and opens versions of the app in it. Knows no case."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

from harness import requirements
from harness.app.client import ChildApp, Pool
from harness.app.link import GONE, Link, Tail
from harness.app.options import AppOptions
from harness.app.spawn import spawn
from harness.app.worker.imports import command
from harness.app.worker.wire import Channel
from harness.errors import AppError
from harness.redaction import Redactor

VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]*(?:KEY|TOKEN|SECRET|URL|ENDPOINT|HOST|PASSWORD)\b")


class AppHost:
    """Implements ``protocols.Host`` for the interpreter ``python`` and the entry "path.py:name"."""

    def __init__(self, python: str, entry: str, options: AppOptions) -> None:
        self._python, self._entry, self._options = python, entry, options
        self._redact = Redactor.of(options.env, options.secrets)
        self._process: _Process | None = None
        self._lock = threading.Lock()

    def open(self, tree: Path, version: str) -> Pool:
        """Start the app as it stands in ``tree``. Raises AppError with the app's own frames when it cannot."""
        tree, options = tree.resolve(), self._options
        return Pool(
            [ChildApp(lambda: self._link(tree), tree, version, options, self._redact) for _ in range(options.workers)]
        )

    def close(self) -> None:
        """End the host and every app it started. Safe to call twice."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.close()

    def _link(self, tree: Path) -> tuple[Link, dict[str, Any]]:
        """A child that has imported the app, and what it says of it."""
        with self._lock:
            if self._process is None or not self._process.alive:
                self._process = _Process(self._python, self._order(tree), self._options, self._redact)
            process = self._process
        link = process.open(self._order(tree))
        answer = link.event(self._options.start_timeout)
        if answer is not None and answer["op"] == "ready":
            return link, answer
        link.close()
        raise self._error(answer, link.tail.last_words(tree), tree)

    def _order(self, tree: Path) -> dict[str, Any]:
        options = self._options
        lists = {"preload": list(options.preload), "paths": list(options.paths), "context": dict(options.context)}
        numbers = {name: getattr(options, name) for name in ("concurrency", "timeout", "recursion_limit", "fork")}
        return {"op": "open", "tree": str(tree), "entry": self._entry, **lists, **numbers}

    def _error(self, answer: dict[str, Any] | None, tail: str, tree: Path) -> AppError:
        """Why the app did not start, and what mends it."""
        redact, printed = self._redact.text, f"\nit printed:\n{tail[-2000:]}" if tail else ""
        if answer is None:
            text = f"importing {self._entry} took more than {self._options.start_timeout:g} s{printed}"
            return AppError(redact(text), where=self._entry, fix="move slow work out of the import of the module")
        if answer["op"] != "failed":
            text = f"the app's process ended while importing {self._entry}{printed}"
            fix = f"run it yourself: {command(f'{self._python} -X faulthandler', tree, self._entry)}"
            return AppError(redact(text), where=self._entry, fix=fix)
        head = answer["message"] if answer["type"] == "Refused" else f"{answer['type']}: {answer['message']}"
        frames = answer.get("traceback", "")
        text = f"{head}\n{frames}" if frames.count("\n") else head
        return AppError(redact(text), where=answer.get("where") or self._entry, fix=self._fix(answer, tree))

    def _fix(self, answer: dict[str, Any], tree: Path) -> str:
        if answer.get("fix"):
            return str(answer["fix"])
        if answer.get("module"):
            wanted = requirements.wanted(tree, answer["module"])
            return f"install it into the app's interpreter: {self._python} -m pip install {wanted}"
        named = VARIABLE.search(answer["message"])
        variable = answer.get("variable") or (named.group(0) if named else "")
        if variable:
            return f"set the variable {variable}, in the shell or in .env"
        return f"make this work first: {command(self._python, tree, self._entry)}"


class _Process:
    """The host process, our end of it."""

    def __init__(self, python: str, order: dict[str, Any], options: AppOptions, redact: Redactor) -> None:
        self.alive = True
        self._replies: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._links: dict[int, Link] = {}
        self._ended: dict[int, int] = {}
        self._lock = threading.Lock()
        self._popen, ours, self._tail = spawn(python, [], order["tree"], options.env)
        self._control = Channel(ours)
        self._control.send({**order, "op": "preload"})
        threading.Thread(target=self._read, name="harness-host", daemon=True).start()
        self._await_ready(python, options, redact)

    def open(self, order: dict[str, Any]) -> Link:
        """A new child for ``order``."""
        ours, theirs = socket.socketpair()
        tail = Tail()
        with self._lock:
            self._control.send(order)
            with contextlib.suppress(OSError):
                socket.send_fds(self._control.sock, [b"F"], [theirs.fileno(), tail.writer])
            reply = self._replies.get()
            theirs.close()
            tail.close_writer()
            pid = int(reply.get("pid", 0))
            link = Link(ours, tail, lambda: self._kill(pid))
            if pid in self._ended:
                link.ended(self._ended.pop(pid))
            self._links[pid] = link
        return link

    def close(self) -> None:
        """Hang up, upon which the host ends its children and itself; within a second."""
        self.alive = False
        self._control.close()
        try:
            self._popen.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _await_ready(self, python: str, options: AppOptions, redact: Redactor) -> None:
        try:
            answer = self._replies.get(timeout=options.start_timeout)
        except queue.Empty:
            answer = {"op": "failed", "type": "Timeout", "message": "preloading took too long"}
        if answer["op"] == "ready":
            return
        self.close()
        module = str(answer.get("module", ""))
        wanted = requirements.package(module or "langgraph")
        fix = f"install it into the app's interpreter: {python} -m pip install {wanted}"
        text = f"{python} cannot run a LangGraph app: {answer.get('message') or self._tail.text()[-2000:]}"
        raise AppError(redact.text(text), where="python", fix=fix)

    def _kill(self, pid: int) -> None:
        if not self._control.send({"op": "kill", "pid": pid}) and pid and pid not in self._ended:
            with contextlib.suppress(ProcessLookupError):  # without its host nobody else would end it
                os.killpg(pid, signal.SIGKILL)

    def _read(self) -> None:
        while (message := self._control.receive()) is not None:
            if message["op"] == "exited":
                self._note_exit(message["pid"], message["status"])
            else:
                self._replies.put(message)
        self.alive = False
        self._replies.put(GONE)

    def _note_exit(self, pid: int, status: int) -> None:
        link = self._links.pop(pid, None)
        if link is None:
            self._ended[pid] = status
        else:
            link.ended(status)
