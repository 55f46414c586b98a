"""What runs left in the repository: the lock, records, unfinished runs, private trees that nobody needs. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import journal
from harness.doctor.checks import Check
from harness.figures import count
from harness.journal import RunInfo
from harness.repo import HOME, Leftover, Repo, leftovers

_MEND = "harness doctor --fix"
_LISTED = 5  # unfinished runs that are named one by one


def remains(repo: Repo) -> Iterator[Check]:
    """The state of ``.harness``, which is not made where it is missing."""
    home = repo.root / HOME
    yield _lock(home / "lock")
    state = home / "state.sqlite"
    wrong = journal.damage(state)
    if wrong:
        yield Check("record", "fail", f"{state} is damaged: {wrong}", journal.move_away(state))
        return  # which runs there are, and so what may go, is not known
    runs = journal.runs(state, home / "lock")
    yield Check("record", "ok", f"{count(len(runs), 'run')}, sound" if state.exists() else "no run yet")
    yield from _checkpoints(home / "checkpoints.sqlite")
    yield from _unfinished(runs)
    needed = {run.id for run in runs if run.status != "finished"}
    yield from (_left(found, repo) for found in leftovers(repo) if found.run_id not in needed)


def _lock(path: Path) -> Check:
    working = journal.holder(path)
    if working is not None:
        words = f"run {working.run_id} is at work: process {working.pid} on {working.host} since {working.started[:19]}"
        return Check("lock", "ok", words)
    gone = journal.abandoned(path)
    if gone is not None:
        words = f"run {gone.run_id} left it when process {gone.pid} was killed; it keeps nobody out"
        return Check("lock", "warn", words, _MEND, mendable=True)
    return Check("lock", "ok", "free")


def _checkpoints(path: Path) -> Iterator[Check]:
    wrong = journal.damage(path)
    if wrong:
        fix = f"mv {path} {path}.damaged: what was measured is in the record, and `harness resume` goes on from there"
        yield Check("checkpoints", "fail", f"{path} is damaged: {wrong}", fix)


def _unfinished(runs: Sequence[RunInfo]) -> Iterator[Check]:
    found = [run for run in runs if run.status == "interrupted"]
    for run in found[-_LISTED:]:
        words = f"not finished, last at work {run.last[:19].replace('T', ' ')} UTC"
        yield Check(f"run {run.id}", "warn", words, f"harness resume {run.id}")
    if len(found) > _LISTED:
        yield Check("runs", "warn", f"{len(found) - _LISTED} older ones are not finished", "harness runs")


def _left(found: Leftover, repo: Repo) -> Check:
    """Remains of a run that is finished or that no record knows."""
    what = ["a private worktree"] if found.worktree else []
    what += [count(found.trees, "tree") + " of candidates"] if found.trees else []
    words = f"{' and '.join(what) or 'an empty folder'} in {repo.root / HOME}, needed by nobody; its branch stays"
    return Check(f"remains of {found.run_id}", "warn", words, _MEND, mendable=True, run=found.run_id)
