"""The commands of ``harness models``: arguments here; the work is loaded when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.flags import AsJson
from harness.cli.shell import guarded

models = typer.Typer(
    name="models",
    help="Look at the models and adapters that run here, serve them over HTTP, take them elsewhere.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Model = Annotated[str, typer.Argument(help="A name of `models list`, or a folder.")]


@models.command(name="list")
@guarded
def list_(as_json: AsJson = False) -> None:
    """List what can be served here: the embedded model, results of training jobs, folders of adapters/."""
    from harness.cli import serving

    serving.listed(Path.cwd(), as_json=as_json)


@models.command()
@guarded
def show(model: Model, as_json: AsJson = False) -> None:
    """Say what a model is, where its base lies, and how it was trained."""
    from harness.cli import serving

    serving.shown(Path.cwd(), model, as_json=as_json)


@models.command()
@guarded
def serve(
    model: Annotated[
        list[str] | None, typer.Argument(help="Names, folders, or NAME=FOLDER; all when left out.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 = any that is free.")] = 8000,
    public: Annotated[bool, typer.Option("--public", help="Allow a --host that other machines reach.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve models over HTTP as OpenAI's chat completions do, until Ctrl-C; one name is one model or adapter."""
    from harness.cli import serving

    serving.served(Path.cwd(), model or [], serving.Where(host, port, public), as_json=as_json)


@models.command()
@guarded
def export(
    model: Model,
    folder: Annotated[Path, typer.Argument(help="Where to; it must not exist, or be empty.")],
    to: Annotated[str, typer.Option(help="peft, merged, vllm or ollama.")] = "peft",
    as_json: AsJson = False,
) -> None:
    """Copy a model or adapter as other programs take it; the command to load it there is printed."""
    from harness.cli import serving

    serving.exported(Path.cwd(), model, folder, to, as_json=as_json)


@models.command()
@guarded
def tune(
    file: Annotated[Path | None, typer.Argument(help="Examples: chat JSONL, or pairs as JSONL, JSON or CSV.")] = None,
    base: Annotated[str, typer.Option(help="The model to train, as OpenAI names it.")] = "gpt-4.1-mini-2025-04-14",
    suffix: Annotated[str, typer.Option(help="To tell the model by.")] = "",
    epochs: Annotated[int | None, typer.Option(min=1, max=50, help="Left out = OpenAI decides.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the job.")] = None,
    job: Annotated[str, typer.Option(help="Instead of a file: a job that was started before, to watch.")] = "",
    as_json: AsJson = False,
) -> None:
    """Train at OpenAI: upload examples, follow the job, print the model's id. The key is OPENAI_API_KEY."""
    from harness.cli import providing
    from harness.providers.openai import Order

    order = Order(base, suffix, epochs, seed)
    providing.tuned(providing.Job(file, job, order), as_json=as_json)


@models.command()
@guarded
def push(
    model: Model,
    name: Annotated[str, typer.Option(help="What Ollama is to call it.")],
    base: Annotated[str, typer.Option(help="Ollama's model that the adapter was trained for.")],
    as_json: AsJson = False,
) -> None:
    """Make a model of Ollama out of its base and a lora adapter from here; OLLAMA_HOST says where it listens."""
    from harness.cli import providing

    providing.pushed(Path.cwd(), model, name, base, as_json=as_json)
