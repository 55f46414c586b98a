"""Runs of a repository by name: their ids, their folders, the newest of a status. Knows nothing of what a run does."""

from __future__ import annotations

from pathlib import Path

from harness import journal
from harness.errors import UserError
from harness.repo import Repo


def newest(repo: Repo, status: str) -> str:
    """Id of the newest run of a status. Raises UserError when there is none."""
    known = [run.id for run in journal.runs(repo.home / "state.sqlite", repo.home / "lock") if run.status == status]
    if not known:
        raise UserError(f"there is no {status} run here", fix="`harness runs` lists the runs, `harness run` starts one")
    return known[-1]


def new_run_id(repo: Repo, now: str) -> str:
    """Sortable and unique in this repo: 20261121-142203, with a number behind it when taken."""
    stem = now[:19].replace("-", "").replace(":", "").replace("T", "-")
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not folder_of(repo, name).exists())


def folder_of(repo: Repo, run_id: str) -> Path:
    """Where a run keeps its copies."""
    return repo.home / "runs" / run_id
