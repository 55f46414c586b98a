"""Short ways to start a toy app and to run one case on it."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from harness.app import AppHost, AppOptions
from harness.app.client import Pool
from harness.types import Call, Case, Job, Run
from tests.conftest import TOYS

ODD = TOYS / "odd"


def job(do: str, **options: Any) -> Job:
    """A job of the odd app that does ``do``; its id is the same."""
    return Job(Case(do, {"do": do}, {}), k=options.pop("k", 0), seed=1, **options)


def runs_of(app: Pool, jobs: list[Job]) -> tuple[dict[str, Run], list[Call]]:
    """Runs by case, and the calls really made."""
    calls: list[Call] = []
    runs = list(app.run(jobs, lambda _, call: calls.append(call)))
    assert len(runs) == len(jobs)
    return {run.case: run for run in runs}, calls


def only(app: Pool, do: str, **options: Any) -> tuple[Run, list[Call]]:
    """The run of one job, and its calls."""
    runs, calls = runs_of(app, [job(do, **options)])
    return runs[do], calls


_first: list[AppHost] = []


def sharing(entry: str, options: AppOptions) -> AppHost:
    """A host that shares one preloaded process with all others made here, which saves seconds for each."""
    host = AppHost(sys.executable, entry, options)
    if _first:
        host._process = _first[0]._process
    else:
        _first.append(host)
        atexit.register(host.close)
    return host


@contextmanager
def toy(name: str, entry: str, **options: Any) -> Iterator[Pool]:
    """The entry of a toy app, started."""
    app = sharing(entry, AppOptions(**options)).open(TOYS / name, "v1")
    try:
        yield app
    finally:
        app.close()


def odd(entry: str, **options: Any) -> AbstractContextManager[Pool]:
    """An entry of the odd app, started."""
    return toy("odd", f"odd.py:{entry}", **options)
