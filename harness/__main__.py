"""``harness`` and ``python -m harness``: whoever interrupts while it is still loading has lost nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def leave(number: int, frame: FrameType | None) -> None:
    """End at once. A KeyboardInterrupt would come out of an import as a traceback, or be swallowed by one."""
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


def _vanish() -> None:
    """End without taking Python's modules down one by one, which lasts for seconds on a busy machine."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(INTERRUPTED)


def main() -> None:
    """Entry point of the ``harness`` script."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background of a script
            signal.signal(number, leave)
    from harness.cli import main as command_line

    try:
        command_line()
    except SystemExit as left:
        if left.code == INTERRUPTED:
            _vanish()
        raise


if __name__ == "__main__":
    main()
