"""Long commands as jobs: each in a process group of its own, its state in ``.harness/jobs/<id>/``, whoever started it.

A job goes on when the server ends, and any later server tells how it is. Knows no command.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcp.server.mcpserver.exceptions import ToolError

from harness.mcp.commands import HARNESS

_RUN = re.compile(r"\b\d{8}-\d{6}(?:-\d+)?\b")
_TAIL = 12  # lines of the log that are told
# Waits for the command, also where both are interrupted, and writes its exit code whole or not at all.
_SCRIPT = 'trap : INT TERM; "$@" >"$0/out" 2>"$0/log"; echo $? >"$0/code.new"; mv "$0/code.new" "$0/code"'


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one repository."""

    root: Path
    folder: Path  # .harness/jobs

    def start(self, arguments: Sequence[str]) -> str:
        """Begin ``harness`` with arguments; the job's id."""
        place = self._new_place()
        (place / "command.json").write_text(json.dumps(list(arguments)), "utf-8")
        process = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, str(place), *HARNESS, *arguments],
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        (place / "pid").write_text(str(process.pid), "utf-8")
        return place.name

    def state(self, job: str) -> dict[str, Any]:
        """{"job", "command", "state": running | ended | killed, "exit_code", "run", "log": last lines, "output"}.

        Raises ToolError for an id that no job has.
        """
        place = self._place(job)
        code = _text(place / "code").strip()
        log, output = _text(place / "log"), _text(place / "out")
        state = "ended" if code else "running" if _alive(place) else "killed"
        runs = _RUN.findall(log + output)
        return {
            "job": job,
            "command": ["harness", *json.loads(_text(place / "command.json"))],
            "state": state,
            "exit_code": int(code) if code else None,
            "run": runs[-1] if runs else None,
            "log": log.splitlines()[-_TAIL:],
            "output": output if state != "running" else "",
        }

    def cancel(self, job: str) -> dict[str, Any]:
        """Interrupt a job as Ctrl-C does, so that ``harness resume`` can go on with its run; then its state."""
        place = self._place(job)
        if not (place / "code").exists():
            with suppress(ProcessLookupError, ValueError):
                os.killpg(int(_text(place / "pid")), signal.SIGINT)
        return self.state(job)

    def all(self) -> list[dict[str, Any]]:
        """The state of every job, oldest first."""
        names = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        return [self.state(name) for name in names]

    def _new_place(self) -> Path:
        stamp, count = f"{datetime.now(UTC):%Y%m%dT%H%M%S}", 0
        while True:
            place = self.folder / (f"{stamp}-{count}" if count else stamp)
            try:
                place.mkdir(parents=True)
                return place
            except FileExistsError:
                count += 1

    def _place(self, job: str) -> Path:
        place = self.folder / job
        if not re.fullmatch(r"[\dT-]+", job) or not (place / "command.json").is_file():
            raise ToolError(f"no job {job!r} in this repository: the tool `jobs` lists them")
        return place


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""


def _alive(place: Path) -> bool:
    """Whether the process that waits for the command is there. A child that has ended is no longer."""
    try:
        pid = int(_text(place / "pid"))
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError, ValueError):
        return False
    return True
