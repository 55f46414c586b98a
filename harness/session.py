"""One sitting of a run: makes the live things, hands them to the loop, and lets go of them whatever happens.

Shared by the doors. It wires and knows no statistics, no prompts and no printing.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from harness import external, journal, loop, plugins, settings
from harness.app import AppHost, AppOptions
from harness.cases import sealing
from harness.check import OWN, Checked, check, misfits, on_tree, shown
from harness.errors import AppError, BudgetError, HarnessError, MachineError, Problems, RepoError, UserError
from harness.external import CommandHost, CommandOptions
from harness.measure import Meter
from harness.protocols import Progress
from harness.repo import HOME, Repo, Worktree
from harness.runs import folder_of, new_run_id, newest, split_of
from harness.types import Budget, Facts, Json, Outcome, Settings

_STEPS = 10_000  # supersteps of the loop: its own stop rules end it, LangGraph's limit must not


@dataclass(frozen=True, slots=True)
class Kit:
    """What a door injects, so that tests can inject others."""

    progress: Progress
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], str] = lambda: datetime.now(UTC).isoformat(timespec="seconds")
    begun: Callable[[str], object] = str  # told the id of a run as soon as that can be resumed


@dataclass(frozen=True, slots=True)
class Session:
    """A run that can be advanced to its end."""

    wiring: loop.Wiring
    repo: Repo
    base: str  # commit to tune
    baseline_only: bool  # stop after phase 2
    own: tuple[str, ...]  # files that may be uncommitted: read where they stand, never written
    facts: Mapping[str, Json]  # what was written down when the run began

    def begin(self) -> loop.State:
        """Run the loop from its start. Returns the last state."""
        return self._advance(
            loop.initial_state(self.base, baseline_only=self.baseline_only, given=loop.GIVEN in self.facts)
        )

    def go_on(self) -> loop.State:
        """Run the loop from where it was left; from its start when it had not come to a first step."""
        return self._advance(None) if last_state(self.repo, self.wiring.run_id) else self.begin()

    def outcome(self) -> Outcome:
        """The end of a finished run."""
        return self.wiring.notes.outcome()

    def found(self) -> tuple[str, ...]:
        """What the baseline showed that a reader must know, in sentences."""
        return loop.found_in_baseline(self.wiring)

    def apply(self) -> str:
        """Fast-forward the user's checkout to the run's branch; raises RepoError with the command to do it by hand."""
        return self.repo.apply_ff(self.wiring.worktree.branch, exclude=self.own)

    def _advance(self, start: loop.State | None) -> loop.State:
        with saver(self.repo) as checkpoints:
            graph = loop.build(checkpoints)
            try:
                with sealing(self.wiring.split.holdout):
                    final = graph.invoke(start, config_of(self.wiring.run_id), context=self.wiring, durability="sync")
            except HarnessError as error:
                if not self._waits_for_more(error):
                    self.failed(error.message)
                raise
        return cast(loop.State, final)

    def _waits_for_more(self, error: HarnessError) -> bool:
        """Whether room or a budget can be given, so that the run is interrupted and `harness resume` finds it."""
        spent = isinstance(error, BudgetError) and bool(self.wiring.journal.all_runs())
        return spent or isinstance(error, MachineError)

    def failed(self, message: str) -> None:
        """Tell a run that cannot go on as things stand from one that was interrupted.

        One that measured nothing leaves nothing: there is nothing to go on with, the next try is a run of its own.
        """
        record = self.wiring.journal
        record.append(journal.FAILED, f"failed:{len(record.read(journal.FAILED))}", {"stopped": message})
        if not record.all_runs():
            self.wiring.worktree.discard(self.base)
            shutil.rmtree(self.wiring.places.folder)


def config_of(run_id: str) -> RunnableConfig:
    """LangGraph's config of a run."""
    return {"configurable": {"thread_id": run_id}, "recursion_limit": _STEPS}


@contextmanager
def saver(repo: Repo) -> Iterator[SqliteSaver]:
    """The checkpointer, in a file of its own."""
    path = repo.home / "checkpoints.sqlite"
    try:
        with SqliteSaver.from_conn_string(str(path)) as checkpoints:
            # State is plain data: no type of ours or of anyone's is to be revived from a checkpoint.
            checkpoints.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
            yield checkpoints
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
        fix = f"rm {path}, then `harness resume`: the journal has everything that was measured"
        raise RepoError(f"the checkpoints are damaged: {error}", where=str(path), fix=fix) from error


def last_state(repo: Repo, run_id: str) -> loop.State | None:
    """The state in the newest checkpoint of a run, None when it came to no first step."""
    with saver(repo) as checkpoints:
        found = checkpoints.get_tuple(config_of(run_id))
    values = found.checkpoint["channel_values"] if found else {}
    return cast(loop.State, values) if "best" in values else None


# ---- opening -------------------------------------------------------------------------------------------------------


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
        _write_settings(folder, replace(old, budget=limits))
        with opened(repo, chosen, None, kit) as session:
            yield session


def record_of(repo: Repo) -> tuple[Path, Path]:
    """The record of all runs, and the lock that tells which is at work."""
    return repo.home / "state.sqlite", repo.home / "lock"


def copy_inputs(checked: Checked, folder: Path) -> None:
    """Goals, cases and settings as they are now: the run reads only these copies from here on."""
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    if checked.goals.where:
        target = inputs / checked.goals.where
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checked.root / checked.goals.where, target)
    name = f"cases{checked.cases_path.suffix}"
    if checked.cases_path.is_file():  # else the command of the settings names the cases
        shutil.copyfile(checked.cases_path, inputs / name)
    _write_settings(folder, replace(checked.settings, cases=name, python=str(checked.python)))


def _write_settings(folder: Path, value: Settings) -> None:
    """Whole or not at all: a kill in between leaves the old ones."""
    draft = folder / "settings.json.new"
    draft.write_text(settings.dump(value), encoding="utf-8")
    draft.replace(folder / "settings.json")


@contextmanager
def opened(repo: Repo, run_id: str, start: Mapping[str, Json] | None, kit: Kit) -> Iterator[Session]:
    """The live things of a run; ``start`` is written down by the sitting that begins it."""
    folder = folder_of(repo, run_id)
    chosen = settings.loads((folder / "settings.json").read_text("utf-8"))
    state = repo.home / "state.sqlite"
    with ExitStack() as stack:
        record = stack.enter_context(closing(journal.Journal(state, run_id)))
        calls = stack.enter_context(closing(journal.Calls(state)))
        ledger = stack.enter_context(closing(journal.Ledger(state, repo.root / "reports")))
        if start is not None:
            record.append("run", "run:start", start)
        facts = record.get("run:start")
        if facts is None:
            raise UserError(f"run {run_id} was killed before it began", fix="start a new one with `harness run`")
        kit.begun(run_id)
        refuse_changed(repo.root, chosen, facts.get("read", {}))
        left = last_state(repo, run_id) if start is None else None
        best = left["best"] if left else str(facts["base"])
        if start is None:
            refuse_foreign(repo, run_id, best)
        meter = Meter(chosen, calls, record, kit.progress, kit.clock)
        meter.restore(record.all_runs(), sum(left["phases"].values()) if left else 0.0)
        notes = journal.Notes(record)
        for call in (*notes.idea_calls(), *notes.judge_calls()):
            meter.pay(call)
        host = stack.enter_context(closing(host_for(repo.root, str(facts["entry"]), chosen)))
        worktree = repo.start_branch(run_id, best, chosen.link)
        if isinstance(host, CommandHost) and not (folder / "inputs" / chosen.cases).is_file():
            kit.progress.note("no case file: the command is run once on all of its cases, which names them")
            learn_cases(host, record, worktree, str(facts["base"]), folder)
        metrics = plugins.metrics(chosen, repo.root)
        stack.callback(plugins.release, metrics)
        first = str(journal.Label(0))
        plugins.serve(metrics, plugins.Desk(calls, chosen, lambda: record.load_runs(first), meter, notes))
        wiring = loop.Wiring(
            run_id=run_id,
            places=loop.Places(repo.root, folder / "inputs", folder),
            entry=str(facts["entry"]),
            settings=chosen,
            split=split_of(folder / "inputs", repo.root, chosen),
            journal=record,
            ledger=ledger,
            meter=meter,
            host=host,
            worktree=worktree,
            metrics=metrics,
            proposers=plugins.proposers((*chosen.proposers, *chosen.allow), repo.root),
            progress=kit.progress,
            clock=kit.clock,
            now=kit.now,
        )
        loop.obey(wiring)
        own = (*OWN, *facts.get("read", {}), *filter(None, [facts.get("cases")]))
        yield Session(wiring, repo, str(facts["base"]), bool(facts["baseline_only"]), own, facts)


def outside(root: Path, chosen: Settings) -> dict[str, str]:
    """Digest of each file that a run reads where the user keeps it, by its name as written; "" of one that is gone."""
    names = (*plugins.files(chosen.proposers), *([chosen.holdout] if chosen.holdout else []))
    files = {name: root / name for name in names}
    found = {n: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for n, path in files.items()}
    return {**found, **plugins.digests(root), **plugins.rubrics(root, chosen)}


def refuse_changed(root: Path, chosen: Settings, known: Mapping[str, str]) -> None:
    """Raise UserError when a file that the run reads is not what it was: half of it would rest on other input."""
    now = outside(root, chosen)
    for name, digest in known.items():
        if now.get(name, "") != digest:
            raise UserError(
                "this file was changed after the run had begun, which would rest on both versions",
                where=name,
                fix="put it back as it was, or start a new run with `harness run`",
            )


def refuse_foreign(repo: Repo, run_id: str, best: str) -> None:
    """Raise RepoError when somebody else has committed on the run's branch: going on would leave that behind."""
    found = repo.foreign(run_id, best)
    if found:
        ref = f"harness/{run_id}"
        raise RepoError(
            f"{ref} holds commits that this run did not make: {'; '.join(found[:3])}",
            where=ref,
            fix=f"keep them: git branch kept-{run_id} {ref} && git update-ref refs/heads/{ref} {best}, then resume",
        )


def learn_cases(host: CommandHost, record: journal.Journal, worktree: Worktree, base: str, folder: Path) -> None:
    """Write down the cases that the command names in the version ``base``; a run that has none leaves nothing."""
    try:
        try:
            ids = host.cases(worktree.candidate("cases", base), base)
        finally:
            worktree.drop("cases")
    except AppError as error:
        record.append(journal.FAILED, "failed:0", {"stopped": error.message})
        worktree.discard(base)
        shutil.rmtree(folder)
        raise
    external.written(folder / "inputs", ids)


def host_for(root: Path, entry: str, chosen: Settings) -> AppHost | CommandHost:
    """What will start versions of the app."""
    if chosen.external:
        return CommandHost(CommandOptions(entry, chosen.format, chosen.python, chosen.seed, chosen.timeout))
    options = AppOptions(
        concurrency=chosen.concurrency,
        workers=chosen.workers,
        timeout=chosen.timeout,
        recursion_limit=chosen.recursion_limit,
    )
    return AppHost(chosen.python, entry, options)


def start_once(checked: Checked) -> Facts:
    """Start the app where it stands, as a run would, and say what it is. Raises AppError when it does not start."""
    chosen = replace(checked.settings, python=str(checked.python))
    with (
        closing(host_for(checked.root, checked.entry, chosen)) as host,
        closing(host.open(checked.root, "as it stands")) as app,
    ):
        facts = app.describe()
    paths = plugins.places(checked.settings)
    wrong = misfits(facts, checked.cases, paths, shown(checked.cases_path, checked.root))
    if wrong:
        raise Problems(wrong)
    return facts


def opening(root: Path, progress: Progress) -> loop.Opening:
    """A new run of the repo at ``root``, opened at the first step of the loop and closed with the process."""

    @cache
    def live() -> tuple[loop.Wiring, loop.State]:
        stack = ExitStack()
        atexit.register(stack.close)
        sitting = stack.enter_context(new(root, {}, Kit(progress), snapshot=False))
        return sitting.wiring, loop.initial_state(sitting.base)

    return live
