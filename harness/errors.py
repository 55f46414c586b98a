"""One small family of errors that answers "whose fault is it?", and the one place where strangers' exceptions end.

Every error says what happened with the value in question, where (``file:line`` when known) and the fix.
The command line prints ``str(error)`` and leaves with ``error.exit_code``; nothing else in the house chooses exit codes
of failures. This module knows nothing of printing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCARCE = 1 << 20  # bytes free


class HarnessError(Exception):
    """Base of the family; never raised itself."""

    exit_code = 2

    def __init__(self, message: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.message, self.where, self.fix = message, where, fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  fix: {self.fix}" if self.fix else head


class UserError(HarnessError):
    """The goals, cases, settings or flags are wrong: exit 2."""


class RepoError(HarnessError):
    """Git refuses, or the repository is of a kind that cannot be tuned: exit 2."""


class PluginError(HarnessError):
    """A metric or proposer, built in or the user's, broke its contract: exit 2."""


class AppError(HarnessError):
    """The user's app cannot be imported or started; carries the app's own frames: exit 3."""

    exit_code = 3


class MachineError(HarnessError):
    """Disk, memory or permissions of this machine stand in the way: exit 3."""

    exit_code = 3


class DiskFullError(MachineError):
    """No room is left for what a run writes; what was recorded before is whole."""

    def __init__(self, message: str, *, where: str = "") -> None:
        fix = "free some space, then go on with `harness resume`"
        super().__init__(f"the disk is full: {message}", where=where, fix=fix)

    @staticmethod
    def likely(place: Path) -> bool:
        """Whether so little room is left at ``place`` that a write which failed without a reason is put down to it."""
        there = next(path for path in (place, *place.parents) if path.exists())
        return shutil.disk_usage(there).free < _SCARCE


class EndpointError(MachineError):
    """The models answered before and answer no more, or refuse the key; what was recorded before is whole."""

    def __init__(self, message: str) -> None:
        fix = "see that the endpoint is up and takes the app's key, then go on with `harness resume`"
        super().__init__(message, fix=fix)


class BudgetError(HarnessError):
    """The budget does not allow the next step: exit 4."""

    exit_code = 4


class Problems(UserError):  # noqa: N818 - it is a list of errors, not one
    """Several findings at once, so that a user mends all of them in one go.

    ``findings`` are the single errors in the order found; the text is theirs, one after another.
    The exit code is the smallest among the findings: a configuration error (2) comes before an environment one (3).
    """

    def __init__(self, findings: list[HarnessError]) -> None:
        super().__init__("\n".join(str(f) for f in findings))
        self.findings = findings
        self.exit_code = min((f.exit_code for f in findings), default=2)


@contextmanager
def boundary(name: str, *, where: str = "") -> Iterator[None]:
    """The only bare ``except Exception`` of the house: what a plug-in raises becomes a PluginError that names it.

    ``sys.exit`` of a plug-in too, which would else end the run with its own exit code. Errors of our own family pass
    unchanged.
    """
    try:
        yield
    except HarnessError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(f"{name} raised {type(error).__name__}: {error}", where=where) from error
