"""The commands of ``harness train``: arguments here, the work is loaded when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.flags import AsJson
from harness.cli.shell import guarded

train = typer.Typer(
    name="train",
    help="Train adapters and models on labelled examples, as jobs that outlive the terminal.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

JobId = Annotated[str, typer.Argument(help="Id of a job; the newest one when left out.")]
Data = Annotated[Path | None, typer.Argument(help="Examples: chat JSONL, or pairs as JSONL, JSON or CSV.")]
FromRun = Annotated[str | None, typer.Option(help="Instead of a file: what a recorded run sent for its dev cases.")]
FromCases = Annotated[Path | None, typer.Option(help="Instead of a file: the dev cases of a case file.")]
Node = Annotated[str, typer.Option(help="With --from-run: the node whose calls are learnt.")]
Field = Annotated[str, typer.Option(help="The expected_* field that is the answer; of a run else the right replies.")]
System = Annotated[Path | None, typer.Option(help="With --from-cases: a text file that is the system message.")]
Method = Annotated[str, typer.Option(help="full, lora, qlora, prefix or adapter.")]
Base = Annotated[str, typer.Option(help="'embedded', a model folder, or a name at the hub.")]
Set = Annotated[list[str] | None, typer.Option(help="A parameter, lora_rank=16. Repeatable; see `train methods`.")]
Template = Annotated[str, typer.Option(help="'plain' for a tokenizer without a chat template.")]
Price = Annotated[float, typer.Option(help="USD that an hour of this machine costs.")]


@train.command()
@guarded
def start(
    data: Data = None,
    from_run: FromRun = None,
    from_cases: FromCases = None,
    node: Node = "",
    field: Field = "",
    system: System = None,
    method: Method = "lora",
    base: Base = "embedded",
    set: Set = None,
    name: Annotated[str, typer.Option(help="What to call the job.")] = "",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    template: Template = "",
    usd_per_hour: Price = 0.0,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it ends, and leave with its exit code.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a training job in a process of its own; it waits where another one trains."""
    from harness.cli import teaching

    given = teaching.Given(data, from_run, from_cases, node, field, system)
    wish = teaching.Wish(given, method, base, tuple(set or ()), name, description, template, usd_per_hour)
    teaching.start(Path.cwd(), wish, wait=wait, as_json=as_json)


@train.command(name="list")
@guarded
def list_(as_json: AsJson = False) -> None:
    """List the training jobs of this repository."""
    from harness.cli import watching

    watching.listed(Path.cwd(), as_json=as_json)


@train.command()
@guarded
def show(
    job: JobId = "",
    follow: Annotated[bool, typer.Option("--follow", help="Watch it until it ends; Ctrl-C leaves it going.")] = False,
    chart: Annotated[Path | None, typer.Option(help="Draw the losses into this SVG file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show one job: state, losses by epoch, what it took beside what was foreseen, and its result."""
    from harness.cli import watching

    watching.show(Path.cwd(), job, follow=follow, chart=chart, as_json=as_json)


@train.command()
@guarded
def events(job: JobId = "", as_json: AsJson = False) -> None:
    """Print everything that a job has told: changes of state, progress, losses, warnings, errors."""
    from harness.cli import watching

    watching.events(Path.cwd(), job, as_json=as_json)


@train.command()
@guarded
def cancel(job: JobId = "", as_json: AsJson = False) -> None:
    """End a job that has not ended; `train resume` goes on from its last checkpoint."""
    from harness.cli import watching

    watching.cancel(Path.cwd(), job, as_json=as_json)


@train.command()
@guarded
def resume(
    job: JobId = "",
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it ends, and leave with its exit code.")] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a job that failed, was killed or was cancelled, from its last checkpoint."""
    from harness.cli import watching

    watching.resume(Path.cwd(), job, wait=wait, as_json=as_json)


@train.command()
@guarded
def estimate(
    data: Data = None,
    from_run: FromRun = None,
    from_cases: FromCases = None,
    node: Node = "",
    field: Field = "",
    system: System = None,
    method: Method = "lora",
    base: Base = "embedded",
    set: Set = None,
    template: Template = "",
    usd_per_hour: Price = 0.0,
    as_json: AsJson = False,
) -> None:
    """Say what a job would take: tokens, memory, time by a few steps on this machine, and money. Starts none."""
    from harness.cli import teaching

    given = teaching.Given(data, from_run, from_cases, node, field, system)
    wish = teaching.Wish(given, method, base, tuple(set or ()), "", "", template, usd_per_hour)
    teaching.estimated(Path.cwd(), wish, as_json=as_json)


@train.command()
@guarded
def methods(
    method: Annotated[str, typer.Argument(help="One method: its parameters with range and default.")] = "",
    base: Base = "embedded",
    memory: Annotated[float | None, typer.Option(help="GB to advise for; what is free here when left out.")] = None,
    measure: Annotated[bool, typer.Option("--measure", help="Train each method for a moment here and say it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the methods on this base and machine, and advise one with the reason."""
    from harness.cli import advising

    advising.methods(Path.cwd(), method, advising.Asked(base, memory, measure), as_json=as_json)


@train.command()
@guarded
def export(
    job: Annotated[str, typer.Argument(help="Id of a job that succeeded.")],
    folder: Annotated[Path, typer.Argument(help="Where to; it must not exist, or be empty.")],
    merged: Annotated[bool, typer.Option("--merged", help="A whole model folder, the update added in.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy what a job has left: the adapter, or with --merged a model folder that needs no adapter."""
    from harness.cli import watching

    watching.export(Path.cwd(), job, folder, merged=merged, as_json=as_json)
