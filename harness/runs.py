"""Runs of a repository by name: their ids, their folders, the newest of a status. Knows nothing of what a run does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from harness import cases, journal
from harness.errors import UserError
from harness.journal import RunInfo
from harness.repo import Repo
from harness.types import Json, Settings

COMPARES = "compare"  # in what was written down at the start of a run: it compares two revisions, and what with


def every(repo: Repo) -> list[RunInfo]:
    """The runs of a repository, oldest first."""
    return journal.runs(repo.home / "state.sqlite", repo.home / "lock")


def newest(repo: Repo, status: str = "") -> str:
    """Id of the newest run of a status, or of any. Raises UserError when there is none."""
    known = [run.id for run in every(repo) if status in ("", run.status)]
    if not known:
        kind = f"{status} run" if status else "run"
        raise UserError(f"there is no {kind} here", fix="`harness runs` lists the runs, `harness run` starts one")
    return known[-1]


def named(repo: Repo, run_id: str) -> RunInfo:
    """The run of that id, the newest one for "". Raises UserError when there is no such run."""
    chosen = run_id or newest(repo)
    found = next((run for run in every(repo) if run.id == chosen), None)
    if found is None:
        raise UserError(f"run {chosen!r} is not recorded here", fix="`harness runs` lists the runs")
    return found


def began(repo: Repo, run_id: str) -> Mapping[str, Json]:
    """What was written down when a run began; {} for one that did not come so far."""
    with closing(journal.Journal(repo.home / "state.sqlite", run_id)) as record:
        return record.get("run:start") or {}


def new_run_id(repo: Repo, now: str) -> str:
    """Sortable and unique in this repo: 20261121-142203, with a number behind it when taken."""
    stem = now[:19].replace("-", "").replace(":", "").replace("T", "-")
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not folder_of(repo, name).exists())


def folder_of(repo: Repo, run_id: str) -> Path:
    """Where a run keeps its copies."""
    return repo.home / "runs" / run_id


def split_of(inputs: Path, root: Path, chosen: Settings) -> cases.Split:
    """Dev and holdout of a run's copied cases; a sealed holdout outside the repo is read where it is."""
    sealed = root / chosen.holdout if chosen.holdout else None
    return cases.split(cases.load(inputs / chosen.cases), sealed)
