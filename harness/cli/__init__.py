"""The command line: parse, wire, call, print. The only room that prints, and the only one that knows exit codes.

Imports of rooms stand inside the commands, so that ``harness --help`` loads neither langgraph nor scipy.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness import __version__
from harness.cli.models import models
from harness.cli.shell import guarded
from harness.cli.train import train

app = typer.Typer(
    name="harness",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"harness {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = (
        False
    ),
) -> None:
    """Tune a LangGraph app in its own repo, with evidence."""


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, nothing else.")]
Graph = Annotated[str | None, typer.Option("--graph", help="The app's graph, as path.py:name.")]
Cases = Annotated[str | None, typer.Option("--cases", help="The case file, instead of the one the goals name.")]
Goal = Annotated[list[str] | None, typer.Option("--goal", help='A goal in words, e.g. "accuracy to 95 %". Repeatable.')]
Calls = Annotated[int | None, typer.Option("--budget-calls", help="Model calls that may be made.")]
Seconds = Annotated[float | None, typer.Option("--budget-time", help="Seconds that the run may take.")]
Dollars = Annotated[float | None, typer.Option("--budget-usd", help="Money that may be spent, in USD.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of every draw. Default 42.")]
Runs = Annotated[int | None, typer.Option("--runs", help="Runs per case when deciding. Default 5.")]
Snapshot = Annotated[bool, typer.Option("--snapshot", help="Tune the tree as it is, uncommitted changes included.")]
Proposer = Annotated[
    list[str] | None,
    typer.Option(help="builtin, a name, llm:PROVIDER:MODEL or file.py:function. Repeatable: they take turns."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Replay nothing from earlier runs.")]


@app.command()
@guarded
def init(
    path: Annotated[Path, typer.Argument(help="The repository.")] = Path(),
    graph: Graph = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the defaults, ask nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, write nothing.")] = False,
    agents: Annotated[bool, typer.Option("--agents", help="Also tell coding agents how, in AGENTS.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write goals, cases drafted from what the repository has, and settings, each only where it lacks."""
    from harness.cli import starting

    starting.init(path, graph or "", starting.How(yes=yes, dry_run=dry_run, as_json=as_json, agents=agents))


@app.command()
@guarded
def check(
    graph: Graph = None,
    goal: Goal = None,
    cases: Cases = None,
    start: Annotated[bool, typer.Option("--import", help="Also start the app, as a run does.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong before anything is spent. Makes no model call."""
    from harness.cli import looking

    looking.check(Path.cwd(), {"graph": graph, "goals": goal or None, "cases": cases}, start=start, as_json=as_json)


@app.command()
@guarded
def nodes(
    path: Annotated[Path, typer.Argument(help="A checkout; it is read, never imported.")] = Path(),
    graph: Graph = None,
    as_json: AsJson = False,
    show: Annotated[str | None, typer.Option(help="Open one node: calls, parameters, each text hop by hop.")] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="The graph as Mermaid text.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Draw the graph into this SVG file.")] = None,
    export_labels: Annotated[bool, typer.Option("--export-labels", help="Labels as JSON, for scoring.")] = False,
) -> None:
    """List the nodes of the app's graph, their models and the text that reaches each model."""
    from harness.cli import finding

    ask = finding.Ask(graph or "", show or "", mermaid, svg, export_labels, as_json)
    finding.nodes(path, ask)


@app.command()
@guarded
def targets(
    run_id: Annotated[str, typer.Argument(help="A run, as it was; the newest one that fits when left out.")] = "",
    node: Annotated[str, typer.Option(help="Only this node.")] = "",
    graph: Graph = None,
    as_json: AsJson = False,
) -> None:
    """Say by node what its prompt lacks, what shows it, what to do, and where to begin. Makes no model call."""
    from harness.cli import aiming

    aiming.targets(Path.cwd(), run_id, graph=graph or "", node=node, as_json=as_json)


@app.command()
@guarded
def techniques(as_json: AsJson = False) -> None:
    """List what can be tried: symptom, expected effect, stars and their reason, and how often it was kept here."""
    from harness.cli import repertory

    repertory.techniques(Path.cwd(), as_json=as_json)


@app.command()
@guarded
def run(
    graph: Graph = None,
    goal: Goal = None,
    cases: Cases = None,
    max_iterations: Annotated[int | None, typer.Option(help="Confirmations on the sealed holdout. Default 5.")] = None,
    compose: Annotated[int | None, typer.Option(help="Rounds on dev that build on the best. Default 0.")] = None,
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
        "graph": graph,
        "goals": goal or None,
        "cases": cases,
        "max_iterations": max_iterations,
        "compose": compose,
        "until": until,
        "budget": {"calls": budget_calls, "seconds": budget_time, "usd": budget_usd},
        "seed": seed,
        "runs": runs,
        "proposers": proposer or None,
        "allow": [*(allow or []), *(f"adapter:{folder}" for folder in adapter or [])] or None,
        "fresh": fresh or None,
    }
    if dry_run:
        tuning.dry_run(Path.cwd(), flags, as_json=as_json)
    else:
        tuning.run(Path.cwd(), flags, tuning.Wish(snapshot=snapshot, apply=apply, as_json=as_json))


@app.command(name="try")
@guarded
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
        "graph": graph,
        "goals": goal or None,
        "cases": cases,
        "budget": {"calls": budget_calls, "seconds": budget_time, "usd": budget_usd},
        "seed": seed,
        "runs": runs,
        "fresh": fresh or None,
    }
    what = trying.Try(Source(patch, ref, title), flags)
    if dry_run:
        trying.dry_run(Path.cwd(), what, as_json=as_json)
    else:
        trying.run(Path.cwd(), what, tuning.Wish(apply=apply, as_json=as_json))


@app.command()
@guarded
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
        "graph": graph,
        "goals": goal or None,
        "cases": cases,
        "budget": {"calls": budget_calls},
        "seed": seed,
        "runs": runs,
        "fresh": fresh or None,
    }
    tuning.run(Path.cwd(), flags, tuning.Wish(snapshot=snapshot, baseline_only=True, as_json=as_json))


@app.command()
@guarded
def plan(
    run_id: Annotated[str, typer.Argument(help="Run whose baseline to plan from; the newest when left out.")] = "",
    metric: Annotated[str, typer.Option(help="Metric to plan for; that of the first missed goal when left out.")] = "",
    target: Annotated[float | None, typer.Option(help="Value to reach, instead of the goal's; a share as .85.")] = None,
    accuracy: Annotated[float | None, typer.Option(help="Assume an app with this accuracy, 0-1.")] = None,
    cases: Annotated[int, typer.Option(min=4, help="Assumed: cases in all.")] = 180,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Assumed: runs of each case.")] = 5,
    noise: Annotated[float, typer.Option(help="Assumed: part of the variance between runs, 0-1.")] = 0.5,
    cluster: Annotated[int, typer.Option(min=1, help="Assumed: cases that stand or fall together.")] = 1,
    chart: Annotated[str, typer.Option(help="File for the chart, as SVG.")] = "",
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Say which lift the cases can see, what the goal takes and what it costs. Makes no model call."""
    from harness.cli import planning
    from harness.planning import Assumed

    asked = None if accuracy is None else Assumed(accuracy, cases, runs, noise, target, cluster)
    wish = planning.Wish(run_id, metric, target, chart, 42 if seed is None else seed, as_json)
    planning.show(Path.cwd(), asked, wish)


@app.command()
@guarded
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


@app.command()
@guarded
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


@app.command()
@guarded
def runs(as_json: AsJson = False) -> None:
    """List the runs of this repo."""
    from harness.cli import looking

    looking.runs(Path.cwd(), as_json=as_json)


@app.command()
@guarded
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


@app.command()
@guarded
def show(
    run_id: Annotated[str, typer.Argument(help="Id of a run; the newest one when left out.")] = "",
    case: Annotated[str, typer.Option(help="A dev case: its calls by node, before and after.")] = "",
    candidate: Annotated[str, typer.Option(help="A candidate: its diff, how it did, why it ended.")] = "",
    as_json: AsJson = False,
) -> None:
    """Open one run, finished or not, or one candidate or case of it."""
    from harness.cli import showing

    showing.show(Path.cwd(), run_id, case=case, candidate=candidate, as_json=as_json)


@app.command()
@guarded
def diff(
    run_id: Annotated[str, typer.Argument(help="Id of a run; the newest one when left out.")] = "",
    stat: Annotated[bool, typer.Option("--stat", help="Only the files and how many lines.")] = False,
    prompt: Annotated[str, typer.Option(help="Before a run: the prompt that --text would change, by its id.")] = "",
    text: Annotated[Path | None, typer.Option(help="A file with its new text, variables as written there.")] = None,
    node: Annotated[str, typer.Option(help="Before a run: the node whose model --set would change.")] = "",
    set: Annotated[str, typer.Option(help="One parameter: temperature=0, max_tokens=64 or model=ID.")] = "",
    graph: Graph = None,
    as_json: AsJson = False,
) -> None:
    """Show what the branch of a run changes in your files, or what one edit would change before anything is run."""
    from harness.cli import proposed, showing

    if prompt or text or node or set:
        proposed.diff(Path.cwd(), proposed.Wanted(prompt, text, node, set, graph or ""), as_json=as_json)
    else:
        showing.diff(Path.cwd(), run_id, stat=stat, as_json=as_json)


@app.command()
@guarded
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


@app.command()
@guarded
def judge(
    what: Annotated[str, typer.Argument(help="calibrate: hold a judge against the labels of people.")],
    labels: Annotated[Path, typer.Argument(help="CSV or JSONL: a reply and its label in each row.")],
    metric: Annotated[str, typer.Option(help="Which judge, where there are several.")] = "",
    budget_calls: Calls = None,
    budget_usd: Dollars = None,
    as_json: AsJson = False,
) -> None:
    """Say how far a judge agrees with people and how it errs; reports correct its means for that from then on."""
    from harness.cli import judging

    flags = {"budget": {"calls": budget_calls, "usd": budget_usd}}
    judging.judge(what, Path.cwd(), labels, metric, flags, as_json=as_json)


@app.command()
@guarded
def mcp(path: Annotated[Path, typer.Argument(help="The repository.")] = Path()) -> None:
    """Serve coding agents over the Model Context Protocol on stdin and stdout: they propose, harness judges."""
    from harness.cli import agents

    agents.serve(path)


@app.command()
@guarded
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe: stale locks, trees of ended runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what stands in the way of a run, and mend what is safe."""
    from harness.cli import healing

    healing.heal(Path.cwd(), fix=fix, as_json=as_json)


app.add_typer(models)
app.add_typer(train)


def main() -> None:
    """Entry point of the ``harness`` script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of another encoding gets escapes, no traceback
    app()
