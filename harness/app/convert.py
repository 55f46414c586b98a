"""Between the nouns of the house and messages on the wire. Pure; knows no process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from harness.redaction import Redactor
from harness.types import Call, Fault, Job, Run

Message = dict[str, Any]
_CALL_FIELDS = {field.name for field in fields(Call)}


def job_message(n: int, job: Job, made: Mapping[str, Call]) -> Message:
    """Job number ``n`` as the worker reads it; ``made`` are calls of earlier attempts, which need not be made again."""
    known = {**job.replay, **made}
    return {
        "op": "job",
        "n": n,
        "case": job.case.id,
        "k": job.k,
        "seed": job.seed,
        "salt": job.salt,
        "changed": list(job.changed),
        "inputs": dict(job.case.inputs),
        "replay": {
            key: {"response": dict(call.response), "seconds": call.seconds}
            for key, call in known.items()
            if not call.error and call.response
        },
    }


def call_from(data: Message, retries: int, redact: Redactor) -> Call:
    """A call really made. ``retries`` are the failed tries of the same call before it."""
    known = {name: value for name, value in data.items() if name in _CALL_FIELDS}
    own = {"messages": tuple(data["messages"]), "retries": retries, "error": redact.text(data["error"])}
    return Call(**{**known, **own, "parameters": redact.data(data["parameters"])})


def calls_from(refs: Iterable[Message], made: Mapping[str, Call], errors: Sequence[Call], job: Job) -> tuple[Call, ...]:
    """The calls of a run in the order completed, from what the worker says of them and the records it refers to.

    Calls that failed come with their error; of a call made in an earlier attempt of this run the record is as made.
    """
    failed = {call.key: call for call in errors}
    calls = []
    for ref in refs:
        place = {name: ref[name] for name in ("node", "step", "position")}
        key = ref["key"]
        if ref.get("error"):
            calls.append(failed[key])
        elif key in made:
            calls.append(replace(made[key], **place))
        else:
            calls.append(replace(job.replay[key], **place, replayed=True))
    return tuple(calls)


def fault_from(data: Message, redact: Redactor) -> Fault:
    """A fault as the worker tells it."""
    texts = {name: redact.text(data.get(name, "")) for name in ("message", "traceback")}
    return Fault(kind=data["kind"], type=data["type"], **texts)


def failed_run(job: Job, version: str, fault: Fault, calls: tuple[Call, ...], seconds: float) -> Run:
    """A run without output."""
    return Run(job.case.id, job.k, job.salt, version, output=None, fault=fault, calls=calls, seconds=seconds)
