"""Commands before a run: what the repository has, lacks and could try. None makes a model call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.flags import AsJson, Cases, Goal, Graph, Seed


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


def targets(
    run_id: Annotated[str, typer.Argument(help="A run, as it was; the newest one that fits when left out.")] = "",
    node: Annotated[str, typer.Option(help="Only this node.")] = "",
    graph: Graph = None,
    as_json: AsJson = False,
) -> None:
    """Say by node what its prompt lacks, what shows it, what to do, and where to begin. Makes no model call."""
    from harness.cli import aiming

    aiming.targets(Path.cwd(), run_id, graph=graph or "", node=node, as_json=as_json)


def techniques(as_json: AsJson = False) -> None:
    """List what can be tried: symptom, expected effect, stars and their reason, and how often it was kept here."""
    from harness.cli import repertory

    repertory.techniques(Path.cwd(), as_json=as_json)


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
