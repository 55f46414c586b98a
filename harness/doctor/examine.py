"""Every check in order, and mending what is safe to mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import journal
from harness.doctor.app import app
from harness.doctor.checks import Check
from harness.doctor.machine import machine
from harness.doctor.remains import remains
from harness.errors import RepoError
from harness.repo import HOME, Repo, clear


def examine(root: Path) -> tuple[Check, ...]:
    """The machine, the repository that holds ``root``, the app's interpreter, what runs left. Changes nothing."""
    found = tuple(machine(root))
    broken = any(check.name == "git" and check.state == "fail" for check in found)
    return found if broken else (*found, *_repository(root))


def _repository(root: Path) -> Iterator[Check]:
    try:
        repo = Repo.open(root)
    except RepoError as error:
        yield Check("repository", "fail", f"{error.where}: {error.message}", error.fix)
        return
    yield Check("repository", "ok", str(repo.root))
    yield app(repo.root)
    yield from remains(repo)


def mend(root: Path, found: Sequence[Check]) -> tuple[Check, ...]:
    """Do what is mendable among ``found``, and give it: a stale lock is emptied, remains of runs are deleted.

    No branch, no record and no file of the user's is touched. Raises RepoError while a run is at work.
    """
    todo = tuple(check for check in found if check.mendable)
    if todo:
        repo = Repo.open(root)
        with journal.Lock(repo.root / HOME / "lock", "doctor"):  # empties the lock when it is let go
            for check in todo:
                if check.run:
                    clear(repo, check.run)
    return todo
