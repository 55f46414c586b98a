"""Commands beside the runs: a judge against people, the door of coding agents, what stands in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.flags import AsJson, Calls, Dollars


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


def mcp(path: Annotated[Path, typer.Argument(help="The repository.")] = Path()) -> None:
    """Serve coding agents over the Model Context Protocol on stdin and stdout: they propose, harness judges."""
    from harness.cli import agents

    agents.serve(path)


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe: stale locks, trees of ended runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what stands in the way of a run, and mend what is safe."""
    from harness.cli import healing

    healing.heal(Path.cwd(), fix=fix, as_json=as_json)
