"""What a job has told so far: one JSON object a line, appended and flushed, so that a reader sees whole lines."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from harness.types import Json

NAME = "events.jsonl"
Kind = Literal["status_change", "progress_update", "metric_update", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Event:
    """One line."""

    at: str  # UTC, ISO 8601
    kind: str  # one of Kind
    data: Mapping[str, Json]


def tell(folder: Path, kind: Kind, **data: Json) -> None:
    """Append one event. Raises OSError where there is no room."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": at, "kind": kind, **data}, ensure_ascii=False) + "\n"
    handle = os.open(folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode(errors="backslashreplace"))
    finally:
        os.close(handle)


def read(folder: Path, kind: str = "") -> list[Event]:
    """Every event of a kind, or of all, oldest first; a line that was cut off by a crash is passed over."""
    try:
        lines = (folder / NAME).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            raw = json.loads(line)
            found.append(Event(raw.pop("at"), raw.pop("kind"), raw))
        except (ValueError, KeyError, AttributeError):
            continue
    return [one for one in found if kind in ("", one.kind)]
