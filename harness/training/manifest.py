"""``harness-training.json``: what a trained folder is and where it came from. Light: whoever serves it may read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from harness.errors import UserError
from harness.types import Json

NAME = "harness-training.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One trained folder."""

    job: str  # id of the job that made it
    method: str  # full, lora, qlora, prefix, adapter
    base: str  # "embedded", a folder or a hub name, as the user named it
    base_path: str  # folder of the base on the machine that trained
    base_digest: str  # sha-256, hex, of the base's safetensors files
    parameters: Mapping[str, Json]  # as trained with, epochs resolved
    data: str  # where the examples came from, in words
    data_digest: str  # sha-256, hex, of the examples
    examples: Mapping[str, int]  # training, validation, too_long
    metrics: Mapping[str, Json] = field(default_factory=dict)  # losses, tokens, seconds, peak_bytes, device, dtype, ...
    name: str = ""  # the job's name
    format: int = 1  # of this file


def write(folder: Path, manifest: Manifest) -> None:
    """Into a folder that nobody reads yet."""
    (folder / NAME).write_text(json.dumps(asdict(manifest), indent=2, sort_keys=True) + "\n", "utf-8")


def read(folder: Path) -> Manifest:
    """Raises UserError where the folder is not one that a job left, or of a later format."""
    try:
        raw = json.loads((folder / NAME).read_text("utf-8"))
        if raw.get("format") != 1:
            raise UserError(f"{NAME} is of format {raw.get('format')!r}", where=str(folder), fix="update harness")
        known = {one.name for one in fields(Manifest)}
        return Manifest(**{name: value for name, value in raw.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        fix = "name the folder that `harness train export` wrote, or the result of a job"
        raise UserError(f"not a folder that a training left: {error}", where=str(folder), fix=fix) from error
