"""What one training job is asked to do, as it stands in its folder. Frozen, plain, light."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from harness.types import Json

NAME = "job.json"


@dataclass(frozen=True, slots=True)
class Spec:
    """A job as it was asked for."""

    method: str  # full, lora, qlora, prefix, adapter
    base: str  # "embedded", a folder or a hub name
    data: str  # where the examples came from, in words
    parameters: Mapping[str, Json] = field(default_factory=dict)  # those given, by our names
    name: str = ""
    description: str = ""
    template: str = ""  # "plain" = for a tokenizer without a chat template
    threads: int = 1  # of torch on a CPU; equal weights need equal threads
    usd_per_hour: float = 0.0  # price of this machine; 0 = its own
    notes: tuple[str, ...] = ()  # what was said about the data when it was read


def write(folder: Path, spec: Spec) -> None:
    """Into the folder of a new job."""
    (folder / NAME).write_text(json.dumps(asdict(spec), indent=2) + "\n", "utf-8")


def read(folder: Path) -> Spec:
    """Of a job's folder."""
    raw = json.loads((folder / NAME).read_text("utf-8"))
    return Spec(**{**raw, "notes": tuple(raw.get("notes", ()))})
