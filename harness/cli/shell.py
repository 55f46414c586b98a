"""What every command shares: errors become sentences and exit codes, results become JSON or text."""

from __future__ import annotations

import errno
import functools
import json
import re
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import ParamSpec

import typer

from harness.errors import DiskFullError, HarnessError, MachineError, Problems
from harness.types import Json

P = ParamSpec("P")
INTERRUPTED = 130
_UNSEEN = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # a terminal would act on them


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """The command with failures said in words on stderr and left with their exit code, never with a traceback."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            command(*args, **kwargs)
        except HarnessError as error:
            say_error(error, as_json=as_json)
            raise typer.Exit(error.exit_code) from error
        except (KeyboardInterrupt, EOFError):  # Ctrl-C, or Ctrl-D where something is asked
            print("interrupted", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None
        except (OSError, sqlite3.Error) as error:
            told = of_machine(error)
            say_error(told, as_json=as_json)
            raise typer.Exit(told.exit_code) from error

    return wrapped


def of_machine(error: OSError | sqlite3.Error) -> MachineError:
    """What the operating system refused, with what usually mends it; nothing recorded is lost by it."""
    number = error.errno if isinstance(error, OSError) else None
    where = str(error.filename) if isinstance(error, OSError) and error.filename else ""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if number in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in str(error):
        return DiskFullError(words, where=where)
    fix = "make it readable and writable for you, then go on with `harness resume`"
    return MachineError(f"the machine refused: {words}", where=where, fix=fix)


@contextmanager
def interruptible() -> Iterator[None]:
    """Where something is to be let go of, and said, when the user interrupts: SIGINT and SIGTERM raise
    KeyboardInterrupt in here, unless they are ignored as in the background of a script. Elsewhere the process just ends
    (see __main__)."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heeded = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, _as_interrupt)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say_error(error: HarnessError, *, as_json: bool) -> None:
    """The error on stderr, and as an object on stdout for whoever asked for JSON."""
    found = error.findings if isinstance(error, Problems) else []
    for one in found or [error]:
        print(f"error: {one}", file=sys.stderr)
    if as_json:
        say_json({"error": {**_as_data(error), "exit": error.exit_code, "findings": [_as_data(one) for one in found]}})


def _as_data(error: HarnessError) -> dict[str, str]:
    return {"message": error.message, "where": error.where, "fix": error.fix}


def say_json(value: Json) -> None:
    """One JSON document on stdout."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    print(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
