"""OpenAI's fine-tuning: a file is uploaded, a job runs there, and the id of a model comes back.

Through the ``openai`` package, which takes OPENAI_API_KEY and OPENAI_BASE_URL from the environment; neither is written
down. Knows nothing of where the examples come from.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness.errors import MachineError, UserError
from harness.training.examples import Example

KEY = "OPENAI_API_KEY"
_ENDED = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Order:
    """What to train."""

    base: str  # as OpenAI names it: "gpt-4.1-mini-2025-04-14"
    suffix: str = ""  # in the name of the model
    epochs: int | None = None  # None = OpenAI decides
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job came to its end."""

    job: str
    state: str  # succeeded, failed, cancelled
    model: str  # id to be used, "" without one
    reason: str  # why it failed
    tokens: int | None  # trained, as billed


def connected() -> Any:
    """The client. Raises UserError without a key, MachineError without the package."""
    if not os.environ.get(KEY):
        raise UserError(
            f"{KEY} is not set", fix=f"export {KEY}=...; it is read from the environment and stored nowhere"
        )
    try:
        from openai import OpenAI
    except ImportError as error:
        raise MachineError("the package openai is missing", fix="pip install openai") from error
    return OpenAI()


def body(examples: Sequence[Example]) -> bytes:
    """The file to be uploaded: chat JSONL with nothing but the messages."""
    lines = (json.dumps({"messages": list(one.messages)}, ensure_ascii=False) for one in examples)
    return ("\n".join(lines) + "\n").encode()


def start(client: Any, order: Order, examples: Sequence[Example]) -> str:
    """Upload and begin; the id of the job. Raises UserError with what OpenAI says."""
    with in_words():
        file = client.files.create(file=("examples.jsonl", body(examples)), purpose="fine-tune")
        hyper = {"n_epochs": order.epochs} if order.epochs else {}
        asked: dict[str, Any] = {"type": "supervised", "supervised": {"hyperparameters": hyper}}
        more = {
            key: value for key, value in (("suffix", order.suffix or None), ("seed", order.seed)) if value is not None
        }
        job = client.fine_tuning.jobs.create(training_file=file.id, model=order.base, method=asked, **more)
        return str(job.id)


def watched(client: Any, job: str, tell: Callable[[str], None], pause: float) -> Ended:
    """Tell each event once, until the job has ended; ``pause`` seconds lie between two questions."""
    told: set[str] = set()
    with in_words():
        while True:
            found = client.fine_tuning.jobs.retrieve(job)  # before its events, so that none of an ended one is missed
            for event in reversed(list(_newest(client, job))):
                if event.id not in told:
                    told.add(event.id)
                    tell(event.message)
            if found.status in _ENDED:
                reason = found.error.message if found.error and found.error.message else ""
                return Ended(job, found.status, found.fine_tuned_model or "", reason, found.trained_tokens)
            time.sleep(pause)


def cancel(client: Any, job: str) -> None:
    """Ask for the end of a job."""
    with in_words():
        client.fine_tuning.jobs.cancel(job)


def _newest(client: Any, job: str) -> Iterator[Any]:
    yield from client.fine_tuning.jobs.list_events(job, limit=50).data


@contextmanager
def in_words() -> Iterator[None]:
    """What OpenAI refuses, and a network that is down, as errors of our family."""
    from openai import APIConnectionError, APIStatusError

    try:
        yield
    except APIStatusError as error:
        told = error.body.get("message") if isinstance(error.body, dict) else None
        fix = f"set {KEY} to a key that may train" if error.status_code in (401, 403) else ""
        raise UserError(f"OpenAI refuses ({error.status_code}): {told or error.message}", fix=fix) from error
    except APIConnectionError as error:
        raise MachineError(f"OpenAI cannot be reached: {error}", fix="try again when the network is there") from error
