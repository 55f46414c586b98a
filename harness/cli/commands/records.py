"""Commands that open runs, print them and hold two versions against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.flags import AsJson, Calls, Cases, Dollars, Goal, Graph, Runs, Seconds, Seed


def runs(as_json: AsJson = False) -> None:
    """List the runs of this repo."""
    from harness.cli import looking

    looking.runs(Path.cwd(), as_json=as_json)


def report(
    run_id: Annotated[str, typer.Argument(help="Id of a run; the newest finished one when left out.")] = "",
    rescore: Annotated[str, typer.Option(help="Score its recorded runs again under these metrics, a,b,c.")] = "",
    raw: Annotated[bool, typer.Option("--raw", help="The Markdown as it is, as in a file or a pipe.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the report of a run, or what its recorded runs say under other metrics."""
    from harness.cli import looking, whole

    if rescore:
        whole.rescored(Path.cwd(), run_id, rescore, as_json=as_json)
    else:
        looking.report(Path.cwd(), run_id, raw=raw, as_json=as_json)


def show(
    run_id: Annotated[str, typer.Argument(help="Id of a run; the newest one when left out.")] = "",
    case: Annotated[str, typer.Option(help="A dev case: its calls by node, before and after.")] = "",
    candidate: Annotated[str, typer.Option(help="A candidate: its diff, how it did, why it ended.")] = "",
    as_json: AsJson = False,
) -> None:
    """Open one run, finished or not, or one candidate or case of it."""
    from harness.cli import showing

    showing.show(Path.cwd(), run_id, case=case, candidate=candidate, as_json=as_json)


def diff(
    run_id: Annotated[str, typer.Argument(help="Id of a run; the newest one with a branch when left out.")] = "",
    stat: Annotated[bool, typer.Option("--stat", help="Only the files and how many lines.")] = False,
    prompt: Annotated[str, typer.Option(help="Before a run: the prompt that --text would change, by its id.")] = "",
    text: Annotated[Path | None, typer.Option(help="A file with its new text, variables as written there.")] = None,
    split: Annotated[str, typer.Option(help="Give this node a copy of --prompt, with --text or as it is.")] = "",
    node: Annotated[str, typer.Option(help="Before a run: the node whose model --set would change.")] = "",
    set: Annotated[str, typer.Option(help="One parameter: temperature=0, max_tokens=64 or model=ID.")] = "",
    graph: Graph = None,
    as_json: AsJson = False,
) -> None:
    """Show what the branch of a run changes in your files, or what one edit would change before anything is run."""
    from harness.cli import proposed, showing

    if prompt or text or node or set or split:
        wanted = proposed.Wanted(prompt, text, node, set, graph or "", split)
        proposed.diff(Path.cwd(), wanted, as_json=as_json)
    else:
        showing.diff(Path.cwd(), run_id, stat=stat, as_json=as_json)


def compare(
    versions: Annotated[
        list[str] | None, typer.Argument(help="Two of RUN, RUN:baseline, RUN:c05, FILE, FILE#variant; the later last.")
    ] = None,
    ref: Annotated[str, typer.Option(help="Measure two revisions now, main..feature, and compare those.")] = "",
    graph: Graph = None,
    goal: Goal = None,
    cases: Cases = None,
    runs: Runs = None,
    seed: Seed = None,
    budget_calls: Calls = None,
    budget_time: Seconds = None,
    budget_usd: Dollars = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --ref: say what it costs at most.")] = False,
    metric: Annotated[list[str] | None, typer.Option(help="Judge by this metric. Repeatable.")] = None,
    common: Annotated[bool, typer.Option("--common", help="Compare what both have, leave out the rest.")] = False,
    rescore: Annotated[bool, typer.Option("--rescore", help="Score recorded runs with the metrics of today.")] = False,
    lower: Annotated[list[str] | None, typer.Option(help="A metric of a file: less is better. Repeatable.")] = None,
    alpha: Annotated[float, typer.Option(help="Error level of the comparison.")] = 0.05,
    margin: Annotated[float, typer.Option(help="Share by which time, tokens and money may grow.")] = 0.10,
    strict: Annotated[bool, typer.Option("--strict", help="Fail unless shown to be within the margin.")] = False,
    chart: Annotated[Path | None, typer.Option(help="Write the chart, an SVG, to this file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write a Markdown report to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two versions, recorded or measured now, paired by case; leave with 1 when the later one is worse."""
    from harness.cli import comparing
    from harness.types import Yardstick

    yardstick = Yardstick(alpha, margin, strict, tuple(metric or ()), common)
    telling = comparing.Telling(as_json, chart, out)
    if ref:
        budget = {"calls": budget_calls, "seconds": budget_time, "usd": budget_usd}
        flags = {"graph": graph, "goals": goal or None, "cases": cases, "runs": runs, "seed": seed, "budget": budget}
        comparing.measure(Path.cwd(), comparing.Wish(ref, flags, dry_run), yardstick, telling)
    else:
        reading = comparing.Reading(rescore, tuple(lower or ()))
        comparing.compare(Path.cwd(), versions or [], yardstick, telling, reading)
