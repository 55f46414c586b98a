"""A trained adapter as a model of Ollama: its files are handed over as blobs, a model is made of them.

Over Ollama's HTTP interface at OLLAMA_HOST. Ollama reads LoRA of the architectures that it knows; what it says about
others is passed on. Knows nothing of how the adapter was trained.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from harness.errors import MachineError, UserError
from harness.models.folders import method_of

_TIMEOUT = httpx.Timeout(600.0, connect=10.0)  # seconds: a large adapter takes its time
_LOW_RANK = ("lora", "qlora")


def address() -> str:
    """Where Ollama listens: OLLAMA_HOST, with or without a scheme."""
    host = os.environ.get("OLLAMA_HOST", "") or "127.0.0.1:11434"
    return host.rstrip("/") if "://" in host else f"http://{host}"


def create(name: str, base: str, adapter: Path, tell: Callable[[str], None]) -> None:
    """Make the model ``name`` of Ollama's model ``base`` and the adapter folder.

    Raises UserError for an adapter that cannot be one of Ollama's, and with what Ollama says; MachineError where nobody
    answers.
    """
    if method_of(adapter) not in _LOW_RANK:
        fix = "train with --method lora, or serve this one with `harness models serve`"
        raise UserError(f"Ollama takes lora, and this adapter is of method {method_of(adapter)}", fix=fix)
    files = [adapter / name for name in ("adapter_model.safetensors", "adapter_config.json")]
    with _asking() as client:
        digests = {file.name: _hand_over(client, file, tell) for file in files}
        wish = {"model": name, "from": base, "adapters": digests, "stream": True}
        with client.stream("POST", "/api/create", json=wish) as answer:
            _check(answer)
            for line in answer.iter_lines():
                said = json.loads(line) if line.strip() else {}
                if "error" in said:
                    raise UserError(f"Ollama refuses: {said['error']}", where=name)
                if status := said.get("status"):
                    tell(str(status))


def _hand_over(client: httpx.Client, file: Path, tell: Callable[[str], None]) -> str:
    """Upload what Ollama does not have yet; the digest it is known by there."""
    with file.open("rb") as stream:
        digest = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    if client.head(f"/api/blobs/{digest}").status_code == httpx.codes.OK:
        return digest
    tell(f"uploading {file.name}")
    with file.open("rb") as stream:
        _check(client.post(f"/api/blobs/{digest}", content=stream))
    return digest


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    text = answer.read().decode(errors="replace")
    try:
        said = json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        said = text[:200] or answer.reason_phrase
    raise UserError(f"Ollama refuses ({answer.status_code}): {said}")


@contextmanager
def _asking() -> Iterator[httpx.Client]:
    try:
        with httpx.Client(base_url=address(), timeout=_TIMEOUT) as client:
            yield client
    except httpx.HTTPError as error:
        fix = "start it with `ollama serve`, or set OLLAMA_HOST"
        raise MachineError(f"Ollama does not answer at {address()}: {error}", fix=fix) from error
