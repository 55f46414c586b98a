"""Commands that measure the app, within the budget that they are given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.flags import AsJson, Calls, Cases, Dollars, Fresh, Goal, Graph, Proposer, Runs, Seconds, Seed, Snapshot


def run(
    graph: Graph = None,
    goal: Goal = None,
    cases: Cases = None,
    max_iterations: Annotated[int | None, typer.Option(help="Confirmations on the sealed holdout. Default 5.")] = None,
    compose: Annotated[int | None, typer.Option(help="Rounds on dev that build on the best. Default 0.")] = None,
    join: Annotated[
        bool | None, typer.Option("--join/--no-join", help="Also try the two best of a round together. Default: yes.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Stop when goals are 'reached' (default) or 'met'.")] = None,
    budget_calls: Calls = None,
    budget_time: Seconds = None,
    budget_usd: Dollars = None,
    seed: Seed = None,
    runs: Runs = None,
    proposer: Proposer = None,
    allow: Annotated[list[str] | None, typer.Option(help="'adapter': train one from the dev cases, too.")] = None,
    adapter: Annotated[list[str] | None, typer.Option(help="Folder of a trained adapter to try. Repeatable.")] = None,
    fresh: Fresh = False,
    snapshot: Snapshot = False,
    apply: Annotated[bool, typer.Option("--apply", help="Merge the branch into a clean checkout at the end.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Everything but model calls and commits.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tune the app: baseline, one change at a time, confirmed on sealed cases; ends with a branch and a report."""
    from harness.cli import tuning

    flags = {
        "graph": graph, "goals": goal or None, "cases": cases, "max_iterations": max_iterations,
        "compose": compose, "join": join, "until": until,
        "budget": {"calls": budget_calls, "seconds": budget_time, "usd": budget_usd}, "seed": seed, "runs": runs,
        "proposers": proposer or None,
        "allow": [*(allow or []), *(f"adapter:{folder}" for folder in adapter or [])] or None,
        "fresh": fresh or None,
    }  # fmt: skip
    if dry_run:
        tuning.dry_run(Path.cwd(), flags, as_json=as_json)
    else:
        tuning.run(Path.cwd(), flags, tuning.Wish(snapshot=snapshot, apply=apply, as_json=as_json))


def try_(
    patch: Annotated[str, typer.Option(help="A patch file, such as `git diff` writes.")] = "",
    ref: Annotated[str, typer.Option(help="A branch or commit: what it changes since it left HEAD.")] = "",
    title: Annotated[str, typer.Option(help="What to call the change in the report and the commit.")] = "",
    graph: Graph = None,
    goal: Goal = None,
    cases: Cases = None,
    budget_calls: Calls = None,
    budget_time: Seconds = None,
    budget_usd: Dollars = None,
    seed: Seed = None,
    runs: Runs = None,
    fresh: Fresh = False,
    apply: Annotated[bool, typer.Option("--apply", help="Merge the branch into a clean checkout at the end.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be tried and what it costs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try one change of your own, by default what is uncommitted: kept on a branch, or rejected with the reason."""
    from harness.cli import trying, tuning
    from harness.trying import Source

    flags = {
        "graph": graph, "goals": goal or None, "cases": cases,
        "budget": {"calls": budget_calls, "seconds": budget_time, "usd": budget_usd}, "seed": seed, "runs": runs,
        "fresh": fresh or None,
    }  # fmt: skip
    what = trying.Try(Source(patch, ref, title), flags)
    if dry_run:
        trying.dry_run(Path.cwd(), what, as_json=as_json)
    else:
        trying.run(Path.cwd(), what, tuning.Wish(apply=apply, as_json=as_json))


def baseline(
    graph: Graph = None,
    goal: Goal = None,
    cases: Cases = None,
    budget_calls: Calls = None,
    seed: Seed = None,
    runs: Runs = None,
    fresh: Fresh = False,
    snapshot: Snapshot = False,
    as_json: AsJson = False,
) -> None:
    """Measure the app as it is, analyse its failures, and stop there."""
    from harness.cli import tuning

    flags = {
        "graph": graph, "goals": goal or None, "cases": cases, "budget": {"calls": budget_calls}, "seed": seed,
        "runs": runs, "fresh": fresh or None,
    }  # fmt: skip
    tuning.run(Path.cwd(), flags, tuning.Wish(snapshot=snapshot, baseline_only=True, as_json=as_json))


def aa(
    run_id: Annotated[str, typer.Argument(help="Run whose baseline to use; the newest, or one measured now.")] = "",
    metric: Annotated[str, typer.Option(help="Metric to compare; that of the first goal when left out.")] = "",
    rule: Annotated[str, typer.Option(help="Whose rate stands first: 'ours' (default) or 'mean'.")] = "ours",
    repeats: Annotated[int, typer.Option(min=1, help="Rehearsed runs of each kind.")] = 400,
    candidates: Annotated[int, typer.Option(min=1, help="Candidates in each rehearsed run.")] = 20,
    draws: Annotated[int, typer.Option(min=0, help="Also compare the app with itself N times, drawn afresh.")] = 0,
    by_replay: Annotated[bool, typer.Option("--by-replay", help="Noise by node exactly: redraw node by node.")] = False,
    budget_calls: Calls = None,
    budget_usd: Dollars = None,
    seed: Seed = None,
    fresh: Fresh = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would take.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let the unchanged app compete with itself: how often a rule keeps it, and which node its noise comes from."""
    from harness.aa import Asked
    from harness.cli import proving

    budget = {"calls": budget_calls, "usd": budget_usd}
    proving.prove(
        Path.cwd(),
        {"seed": seed, "fresh": fresh or None, "budget": budget},
        Asked(metric, repeats, candidates, 42 if seed is None else seed),
        proving.Wish(run_id, rule, draws, by_replay, dry_run, as_json),
    )


def resume(
    run_id: Annotated[str, typer.Argument(help="Id of a run; the newest unfinished one when left out.")] = "",
    budget_calls: Calls = None,
    budget_time: Seconds = None,
    budget_usd: Dollars = None,
    apply: Annotated[bool, typer.Option("--apply", help="Merge the branch into a clean checkout at the end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a run that was interrupted, from where it was."""
    from harness.cli import comparing, tuning
    from harness.types import Budget

    budget = Budget(budget_calls, budget_time, budget_usd)
    if comparing.is_comparison(Path.cwd(), run_id):
        comparing.resume(Path.cwd(), run_id, budget, comparing.Telling(as_json))
    else:
        tuning.resume(Path.cwd(), run_id, budget, tuning.Wish(apply=apply, as_json=as_json))
