"""The live things of a run, made in the order in which one needs the other, and let go of whatever happens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from harness import external, journal, loop, plugins, settings
from harness.check import OWN
from harness.errors import AppError, UserError
from harness.external import CommandHost
from harness.measure import Meter
from harness.repo import Repo, Worktree
from harness.runs import folder_of, split_of
from harness.session.checkpoints import last_state
from harness.session.hosts import host_for
from harness.session.inputs import refuse_changed, refuse_foreign
from harness.session.sitting import Kit, Session
from harness.types import Json


@contextmanager
def opened(repo: Repo, run_id: str, start: Mapping[str, Json] | None, kit: Kit) -> Iterator[Session]:
    """The live things of a run; ``start`` is written down by the sitting that begins it."""
    folder, state = folder_of(repo, run_id), repo.home / "state.sqlite"
    chosen = settings.loads((folder / "settings.json").read_text("utf-8"))
    with ExitStack() as stack:
        record = stack.enter_context(closing(journal.Journal(state, run_id)))
        calls = stack.enter_context(closing(journal.Calls(state)))
        ledger = stack.enter_context(closing(journal.Ledger(state, repo.root / "reports")))
        facts = _facts(record, run_id, start)
        base, entry = str(facts["base"]), str(facts["entry"])
        kit.begun(run_id)
        refuse_changed(repo.root, chosen, facts.get("read", {}))
        best, spent = (base, 0.0) if start is not None else _left(repo, run_id, base)
        notes = journal.Notes(record)
        meter = Meter(chosen, calls, record, kit.progress, kit.clock)
        meter.restore(record.all_runs(), spent)
        for call in (*notes.idea_calls(), *notes.judge_calls()):
            meter.pay(call)
        host = stack.enter_context(closing(host_for(repo.root, entry, chosen)))
        worktree = repo.start_branch(run_id, best, chosen.link)
        if isinstance(host, CommandHost) and not (folder / "inputs" / chosen.cases).is_file():
            kit.progress.note("no case file: the command is run once on all of its cases, which names them")
            _learn_cases(host, record, worktree, base, folder)
        metrics = plugins.metrics(chosen, repo.root)
        stack.callback(plugins.release, metrics)
        first = str(journal.Label(0))
        plugins.serve(metrics, plugins.Desk(calls, chosen, lambda: record.load_runs(first), meter, notes))
        wiring = loop.Wiring(
            run_id=run_id, places=loop.Places(repo.root, folder / "inputs", folder), entry=entry, settings=chosen,
            split=split_of(folder / "inputs", repo.root, chosen), journal=record, ledger=ledger, meter=meter, host=host,
            worktree=worktree, metrics=metrics,
            proposers=plugins.proposers((*chosen.proposers, *chosen.allow), repo.root),
            progress=kit.progress, clock=kit.clock, now=kit.now,
        )  # fmt: skip
        loop.obey(wiring)
        own = (*OWN, *facts.get("read", {}), *filter(None, [facts.get("cases")]))
        yield Session(wiring, repo, base, bool(facts["baseline_only"]), own, facts)


def _facts(record: journal.Journal, run_id: str, start: Mapping[str, Json] | None) -> Mapping[str, Json]:
    """What was written down when the run began. Raises UserError for one that had not come to that."""
    if start is not None:
        record.append("run", "run:start", start)
    facts: Mapping[str, Json] | None = record.get("run:start")
    if facts is None:
        raise UserError(f"run {run_id} was killed before it began", fix="start a new one with `harness run`")
    return facts


def _left(repo: Repo, run_id: str, base: str) -> tuple[str, float]:
    """The best commit and the seconds spent where an interrupted run was left. Raises what ``refuse_foreign`` does."""
    left = last_state(repo, run_id)
    best = left["best"] if left else base
    refuse_foreign(repo, run_id, best)
    return best, sum(left["phases"].values()) if left else 0.0


def _learn_cases(host: CommandHost, record: journal.Journal, worktree: Worktree, base: str, folder: Path) -> None:
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
