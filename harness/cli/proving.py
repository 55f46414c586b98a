"""``aa``: the unchanged app as its own candidate, from the record and, when asked, by fresh draws. Wires and prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from harness import aa, outlook, recorded, session
from harness.aa import Asked
from harness.cli import proof
from harness.cli.shell import say_json
from harness.cli.tuning import progress
from harness.errors import UserError
from harness.loop import again
from harness.protocols import Progress
from harness.recorded import Record
from harness.repo import Repo
from harness.stats import NodeNoise
from harness.types import Decision

Flags = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked beside the rehearsal, and how to tell."""

    run_id: str = ""  # whose baseline; "" = the newest
    rule: str = "ours"  # or "mean": whose rate stands first
    draws: int = 0  # real comparisons with fresh draws
    by_replay: bool = False
    dry_run: bool = False
    as_json: bool = False


def prove(root: Path, flags: Flags, asked: Asked, wish: Wish) -> None:
    """Say the cost, rehearse, draw afresh where asked, print. Exit 1 when the rate is above alpha beyond doubt."""
    if wish.rule not in proof.NAMES:
        raise UserError(f"unknown rule {wish.rule!r}", where="--rule", fix=f"say one of: {', '.join(proof.NAMES)}")
    repo = Repo.open(root)
    run_id = wish.run_id or recorded.newest_baseline(repo)
    if wish.dry_run:
        say_cost(root, flags, repo, run_id, wish)
        return
    with progress(wish.as_json) as shown:
        record = recorded.read(repo, run_id, today=True) if run_id else measured(root, flags, repo, shown)
        found = aa.prove(repo.root, record, asked, shown.work)
        metric = asked.metric or found.metric
        decisions, nodes = drawn(root, flags, record, metric, wish, shown)
    stale = () if repo.head() == record.base else (f"HEAD has moved on from the measured commit {record.base[:12]}",)
    headline = proof.headline(found, wish.rule)
    if wish.as_json:
        say_json(proof.as_data(found, wish.rule, decisions, nodes, stale))
    else:
        print(proof.page(found, wish.rule, decisions, nodes, stale))
    if headline.low > found.alpha:
        raise typer.Exit(1)


def measured(root: Path, flags: Flags, repo: Repo, shown: Progress) -> Record:
    """A baseline measured now, for want of one on record; what it takes is said first."""
    shown.note(f"no baseline is on record: measuring one, {baseline_words(root, flags)}")
    with session.new(root, flags, session.Kit(shown), snapshot=False, baseline_only=True) as sitting:
        sitting.begin()
        run_id = sitting.wiring.run_id
    return recorded.read(repo, run_id, today=True)


def baseline_words(root: Path, flags: Flags) -> str:
    """What a baseline takes, as far as that is known before one."""
    plan = outlook.plan(root, flags)
    return f"about {plan.baseline_calls:,} {plan.spends} ({plan.dev + plan.holdout} cases)"


def say_cost(root: Path, flags: Flags, repo: Repo, run_id: str, wish: Wish) -> None:
    """What this would take; makes no model call."""
    if not run_id:
        if wish.as_json:
            say_json({"run": None, "baseline_calls": outlook.plan(root, flags).baseline_calls})
        else:
            print(f"no baseline is on record: it would take {baseline_words(root, flags)}; the rest is told after it")
        return
    record = recorded.read(repo, run_id, today=True)
    costs = {"fresh draws": aa.fresh_cost(record, wish.draws)} if wish.draws else {}
    costs |= {"by replay": aa.replay_cost(record)} if wish.by_replay else {}
    if wish.as_json:
        say_json({"run": run_id, "baseline_calls": 0, "costs": {name: asdict(found) for name, found in costs.items()}})
        return
    print(f"from the recorded baseline of run {run_id}: no model call")
    for name, found in costs.items():
        print(f"{name}: {proof.price(found)}")


def drawn(
    root: Path, flags: Flags, record: Record, metric: str, wish: Wish, shown: Progress
) -> tuple[tuple[Decision, ...], NodeNoise | None]:
    """Fresh comparisons and the noise by replay, where asked; what they take is said first."""
    if not wish.draws and not wish.by_replay:
        return (), None
    if wish.by_replay and record.settings.external:
        words = "a command evaluates here: no model call is seen, so none can be replayed"
        raise UserError(words, where="--by-replay", fix="leave it out; `--draws N` compares the app with itself")
    if wish.draws:
        shown.note(f"fresh draws: {proof.price(aa.fresh_cost(record, wish.draws))}")
    if wish.by_replay:
        shown.note(f"by replay: {proof.price(aa.replay_cost(record))}")
    with session.new(root, flags, session.Kit(shown), snapshot=False, baseline_only=True) as sitting:
        ctx = sitting.wiring
        words = "an A/A comparison, which ended early"
        try:
            again.prepare(ctx)
            if metric not in ctx.metrics:
                raise UserError(f"unknown metric {metric!r}", where="--metric", fix="name one of the working tree")
            decisions = tuple(again.against_itself(ctx, sitting.base, metric, wish.draws))
            nodes = again.by_replay(ctx, sitting.base, metric) if wish.by_replay else None
            words = f"an A/A comparison: {len(decisions)} fresh draws"
        finally:
            ctx.end(words)
    return decisions, nodes
