"""``models tune`` and ``models push``: a job at OpenAI, a model of Ollama."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from harness.cli.shell import interruptible, say_json
from harness.errors import UserError
from harness.figures import count
from harness.models import shelf
from harness.models.folders import place_of
from harness.providers import ollama, openai
from harness.providers.openai import Ended, Order
from harness.training import examples

_PAUSE = 5.0  # seconds between two questions about a job


@dataclass(frozen=True, slots=True)
class Job:
    """Which job to watch, and how."""

    file: Path | None  # examples of a new one
    id: str  # of one that was started before
    order: Order
    pause: float = _PAUSE


def tuned(job: Job, *, as_json: bool) -> None:
    """Start or watch a job at OpenAI; leaves with 1 when it does not succeed."""
    if (job.file is None) == (not job.id):
        raise UserError("either a file of examples or --job is wanted", fix="harness models tune FILE --base MODEL")
    data = examples.load(job.file, str(job.file)) if job.file else ()
    client = openai.connected()
    say = _silent if as_json else _aloud
    if job.file:
        say(f"uploading {count(len(data), 'example')}, {len(openai.body(data)):,} bytes, to {client.base_url}")
    started = job.id or openai.start(client, job.order, data)
    say(f"job {started}")
    try:
        with interruptible():
            ended = openai.watched(client, started, say, job.pause)
    except KeyboardInterrupt:
        print(f"it goes on there; watch it: harness models tune --job {started}", file=sys.stderr)
        raise
    if as_json:
        say_json(asdict(ended))
    else:
        print(told(ended))
    if ended.state != "succeeded":
        raise typer.Exit(1)


def told(ended: Ended) -> str:
    """The end of a job in words."""
    if ended.state != "succeeded":
        return f"job {ended.job} is {ended.state}{f': {ended.reason}' if ended.reason else ''}"
    tokens = f", {ended.tokens:,} tokens trained" if ended.tokens is not None else ""
    return (
        f"model {ended.model}{tokens}; try it in the app with `harness try` after writing it where the model is named"
    )


def pushed(root: Path, wanted: str, name: str, base: str, *, as_json: bool) -> None:
    """Hand an adapter over to Ollama."""
    _, model = shelf.named(root, wanted)
    place = place_of(model)
    if place.adapter is None:
        raise UserError(f"{wanted} is a whole model, not an adapter", fix="name an adapter of `harness models list`")
    ollama.create(name, base, place.adapter, _silent if as_json else _aloud)
    if as_json:
        say_json({"model": name, "at": ollama.address()})
    else:
        print(f"ollama run {name}; in the app: init_chat_model('ollama:{name}')")


def _aloud(text: str) -> None:
    print(text, flush=True)


def _silent(text: str) -> None:
    """For JSON."""
