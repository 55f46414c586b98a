"""One run of the evaluation command: started in a tree, limited in time, its whole process group ended afterwards.

Knows a command line, an environment and a place for results; nothing of cases, formats or versions.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.app import Tail

_SHELL = "/bin/sh"
# Runs the line, beside a guard that ends the whole group as soon as nobody holds the other end of stdin: also where we
# are killed, or interrupted before we could note that it was started.
_GUARDED = 'exec 3<&0; ( read _ <&3; kill -KILL 0 ) & exec /bin/sh -c "$0" 3<&- </dev/null'
_WORDS = 1_500  # characters of output shown where a command failed


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run."""

    command: str  # as the settings have it; {output}, {seed}, {run} and {cases} stand for what they are called
    tree: Path
    python: str  # interpreter whose folder comes first on PATH; "" = PATH as it is
    seed: int
    run: int  # 1-based
    cases: tuple[str, ...]  # ids wanted; () = all there are
    seconds: float  # after which it is ended


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended."""

    code: int | None  # exit status, negative for a signal; None = it was ended for want of time
    seconds: float
    results: Path  # where results are, if there are any
    said: str  # the end of what it printed


@contextmanager
def ran(order: Order) -> Iterator[Ended]:
    """Run it to its end; the folder with its results is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="harness-command-") as folder:
        place = Path(folder) / f"run_{order.run}.json"
        wanted = Path(folder) / "cases.txt"
        if order.cases:
            wanted.write_text("".join(f"{case}\n" for case in order.cases), encoding="utf-8")
        line = command_line(order, place, wanted)
        tail, began = Tail(), time.monotonic()
        theirs, ours = os.pipe()
        with os.fdopen(ours, "wb"):  # closed whatever happens: the guard waits for that
            try:
                process = subprocess.Popen(
                    [_SHELL, "-c", _GUARDED, line],
                    cwd=order.tree,
                    env=_environment(order, place, wanted),
                    stdin=theirs,
                    stdout=tail.writer,
                    stderr=tail.writer,
                    start_new_session=True,  # Ctrl-C in the terminal reaches us only
                )
            finally:
                os.close(theirs)
                tail.close_writer()
            code = _await(process, order.seconds)
        seconds = time.monotonic() - began
        yield Ended(code, seconds, _results(place), tail.last_words(order.tree)[-_WORDS:])


def command_line(order: Order, place: Path, wanted: Path) -> str:
    """The line for the shell. A command without {output} is told the place of its results by ``--output``."""
    filled = {"output": str(place), "seed": str(order.seed), "run": str(order.run), "cases": str(wanted)}
    line = order.command if "{output}" in order.command else f"{order.command} --output {{output}}"
    for name, value in filled.items():
        line = line.replace(f"{{{name}}}", shlex.quote(value))
    return line


def _environment(order: Order, place: Path, wanted: Path) -> Mapping[str, str]:
    found = {
        **os.environ,
        "HARNESS_SEED": str(order.seed),
        "HARNESS_RUN": str(order.run),
        "HARNESS_OUTPUT": str(place),
    }
    if order.cases:
        found["HARNESS_CASES"] = str(wanted)
    return {**found, "PATH": os.pathsep.join(_path(order.python))}


def _path(python: str) -> Iterator[str]:
    """Where programs are looked for: beside the app's interpreter first, where that is not the one harness runs in."""
    if python and python != sys.executable:
        yield str(Path(python).parent)
    yield os.environ.get("PATH", os.defpath)


def _await(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Exit status, None when the time is up. Whatever it started is ended, also where we are interrupted."""
    ended = threading.Event()

    def wait() -> None:
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # not reaped, so that its number stays its own
        ended.set()

    threading.Thread(target=wait, name="harness-command", daemon=True).start()
    in_time = False
    try:
        in_time = ended.wait(seconds)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
    return code if in_time else None


def _results(place: Path) -> Path:
    """The file; the only one in it where the command made a folder of that name, as tools do that write logs."""
    inside = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else []
    return inside[0] if len(inside) == 1 else place


_BUILTINS = frozenset(["cd", "export", "set", ".", "source", "exec", "eval", "test", "[", "if", "for", "while", "true"])
_SCRIPT = re.compile(r"[\w./-]+\.(?:py|sh|js|mjs|ts|rb|pl|R)")


def missing_program(command: str, root: Path, python: Path) -> str:
    """The program that a command begins with, where it is plain that there is none of that name; "" else."""
    words = _words(command)
    first = next((word for word in words if "=" not in word), "")
    if not first or first in _BUILTINS or set(first) & set("$(){}`;&|<>*?~"):
        return ""
    path = os.pathsep.join(_path(str(python)))
    return "" if shutil.which(first, path=path) or (root / first).exists() else first


def scripts(command: str) -> tuple[str, ...]:
    """Words of a command that look like scripts of the repository: what a change is judged by."""
    found = (word for word in _words(command) if _SCRIPT.fullmatch(word) and not word.startswith("/"))
    return tuple(dict.fromkeys(PurePosixPath(word).as_posix() for word in found))


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        return []
