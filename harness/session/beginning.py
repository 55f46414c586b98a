"""How a sitting starts: a new run, one on a commit that a door names, an interrupted one, or LangGraph's own."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from harness import journal, loop, settings
from harness.check import Checked, check, on_tree, shown
from harness.errors import RepoError, UserError
from harness.protocols import Progress
from harness.repo import HOME, Repo
from harness.runs import folder_of, new_run_id, newest
from harness.session.inputs import copy_inputs, outside, write_settings
from harness.session.live import opened
from harness.session.sitting import Kit, Session
from harness.types import Budget, Json


@contextmanager
def new(
    root: Path, flags: Mapping[str, object], kit: Kit, *, snapshot: bool, baseline_only: bool = False
) -> Iterator[Session]:
    """A new run, checked and set up; nothing is spent yet.

    Raises what ``check`` finds, and RepoError when the app has uncommitted changes and no snapshot is asked for.
    """
    repo = Repo.open(root)
    checked = check(repo.root, flags)
    base, changed = repo.head(), checked.uncommitted
    if changed and not snapshot:
        raise RepoError(
            next(on_tree(changed)),
            fix="git add -A && git commit -m 'before tuning', or run with --snapshot to tune the tree as it is",
        )
    if changed:
        base = repo.snapshot(f"snapshot for harness {kit.now()}")
    with begun(repo, checked, base, kit, {"baseline_only": baseline_only}) as session:
        yield session


@contextmanager
def begun(repo: Repo, checked: Checked, base: str, kit: Kit, facts: Mapping[str, Json]) -> Iterator[Session]:
    """A new run on the commit ``base``, set up under the lock; ``facts`` say what it is for and are written down."""
    run_id = new_run_id(repo, kit.now())
    with journal.Lock(repo.home / "lock", run_id):
        copy_inputs(checked, folder_of(repo, run_id))
        start = {
            "started": kit.now(),
            "base": base,
            "entry": checked.entry,
            "warnings": list(checked.warnings),
            "baseline_only": False,
            "cases": shown(checked.cases_path, repo.root) if checked.cases_path.is_file() else "",
            "read": outside(repo.root, checked.settings),
            loop.EARLIER: {name: asdict(row) for name, row in loop.earlier(*record_of(repo)).items()},
            **facts,
        }
        with opened(repo, run_id, start, kit) as session:
            yield session


@contextmanager
def reopened(root: Path, run_id: str, kit: Kit, budget: Budget) -> Iterator[Session]:
    """An interrupted run; ``run_id`` "" takes the newest. Limits in ``budget`` that are not None replace the old ones.

    Raises UserError when there is nothing to resume, RepoError that names the run which is at work.
    """
    repo = Repo.open(root)
    journal.refuse_if_at_work(repo.root / HOME / "lock")
    chosen = run_id or newest(repo, "interrupted")
    folder = folder_of(repo, chosen)
    if not (folder / "settings.json").is_file():
        raise UserError(f"no run {chosen!r} in this repository", fix="`harness runs` lists the runs")
    old = settings.loads((folder / "settings.json").read_text("utf-8"))
    limits = Budget(
        calls=old.budget.calls if budget.calls is None else budget.calls,
        seconds=old.budget.seconds if budget.seconds is None else budget.seconds,
        usd=old.budget.usd if budget.usd is None else budget.usd,
    )
    with journal.Lock(repo.home / "lock", chosen):
        if chosen not in [run.id for run in journal.runs(*record_of(repo)) if run.status != "finished"]:
            raise UserError(
                f"run {chosen} is finished: there is nothing to resume",
                fix=f"`harness report {chosen}` shows it, `git merge --ff-only harness/{chosen}` takes it",
            )
        write_settings(folder, replace(old, budget=limits))
        with opened(repo, chosen, None, kit) as session:
            yield session


def record_of(repo: Repo) -> tuple[Path, Path]:
    """The record of all runs, and the lock that tells which is at work."""
    return repo.home / "state.sqlite", repo.home / "lock"


def opening(root: Path, progress: Progress) -> loop.Opening:
    """A new run of the repo at ``root``, opened at the first step of the loop and closed with the process."""

    @cache
    def live() -> tuple[loop.Wiring, loop.State]:
        stack = ExitStack()
        atexit.register(stack.close)
        sitting = stack.enter_context(new(root, {}, Kit(progress), snapshot=False))
        return sitting.wiring, loop.initial_state(sitting.base)

    return live
