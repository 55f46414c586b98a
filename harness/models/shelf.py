"""What can be served from a repository: the embedded model, what training jobs left, adapters beside the code.

Reads JSON and the headers of weights; loads no torch. Knows nothing of how models run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.models.folders import NotAModelError, Place, is_adapter, place_of, record_of, weights_digest

ADAPTERS = "adapters"  # folder of a repository that holds adapters which its code names
_JOBS = Path(".harness") / "training"
_HEADER = 8  # bytes that give the length of a safetensors header


@dataclass(frozen=True, slots=True)
class Item:
    """One model by name."""

    name: str  # to ask for it by
    model: str  # as ``init_chat_model`` takes it behind "local:"
    method: str  # lora, qlora, prefix, adapter; "full" and "base" for whole models
    base: str  # folder of the base, "" for a whole model
    parameters: int  # numbers in its own files
    bytes: int  # of those files
    digest: str
    problem: str = ""  # why it cannot be served
    record: dict[str, Any] = field(default_factory=dict)  # what training wrote down


def items(root: Path) -> Iterator[Item]:
    """Everything, the embedded model first. What cannot be served says why."""
    yield item("embedded", "embedded")
    for job in sorted((root / _JOBS).glob("*/result")):
        if (job / "harness-training.json").is_file():
            yield item(job.parent.name, str(job))
    for folder in sorted((root / ADAPTERS).glob("*")):
        if folder.is_dir() and (is_adapter(folder) or (folder / "config.json").is_file()):
            yield item(folder.name, str(folder))


def named(root: Path, wanted: str) -> tuple[str, str]:
    """(name, model) of "name=path", of a path, or of a name in the list. Raises NotAModelError for none of these."""
    name, equals, model = wanted.rpartition("=")
    if equals and name:
        return name, model
    if Path(wanted).expanduser().is_dir():
        return Path(wanted).expanduser().resolve().name, wanted
    known = {one.name: one.model for one in items(root)}
    if wanted in known:
        return wanted, known[wanted]
    try:
        place_of(wanted)
    except FileNotFoundError as error:
        raise NotAModelError(f"{wanted} is no folder and no model of this repository: {', '.join(known)}") from error
    return wanted, wanted


def item(name: str, model: str) -> Item:
    """What is known of one model without loading it."""
    try:
        place = place_of(model)
    except (NotAModelError, FileNotFoundError) as error:
        return Item(name, model, "", "", 0, 0, "", str(error))
    own = place.adapter or place.base
    record = record_of(own)
    numbers, size, problem = _weights(own)
    method = place.method or str(record.get("method") or "base")
    base = str(place.base) if place.adapter else ""
    return Item(name, model, method, base, numbers, size, weights_digest(own), problem or _missing(place), record)


def _missing(place: Place) -> str:
    if not any(place.base.glob("*.safetensors")):
        return f"{place.base} holds no weights in safetensors; pickled ones are not read"
    return ""


def _weights(folder: Path) -> tuple[int, int, str]:
    """(numbers, bytes, what is wrong) of the weights of a folder."""
    numbers = size = 0
    for path in sorted(folder.glob("*.safetensors")):
        size += path.stat().st_size
        try:
            with path.open("rb") as file:
                length = int.from_bytes(file.read(_HEADER), "little")
                header = json.loads(file.read(min(length, path.stat().st_size)))
            numbers += sum(math.prod(one["shape"]) for key, one in header.items() if key != "__metadata__")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return 0, size, f"{path} is no sound safetensors file: {error}"
    return numbers, size, "" if size else f"{folder} holds no weights in safetensors; pickled ones are not read"
