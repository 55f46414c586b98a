"""What is known of each judge's errors in a repository: `.harness/judge/NAME.json`, one calibration a judge."""

from __future__ import annotations

import json
from pathlib import Path

from harness.errors import UserError
from harness.journal.codec import CodecError, from_json, to_json
from harness.protocols import Metric
from harness.types import Calibration

FOLDER = "judge"  # below .harness/


def store(home: Path, found: Calibration) -> Path:
    """Write it in place of an older one; its file."""
    path = home / FOLDER / f"{found.metric}.json"
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(to_json(found), indent=2) + "\n", "utf-8")
    draft.replace(path)
    return path


def known(home: Path, metric: Metric) -> Calibration | None:
    """The calibration of this very judge: another rubric or model has other errors, and is None here."""
    path = home / FOLDER / f"{metric.NAME}.json"
    if not path.is_file():
        return None
    try:
        found = from_json(Calibration, json.loads(path.read_text("utf-8")))
    except (ValueError, CodecError) as error:
        fix = f"delete it and run `harness judge calibrate` again: {error}"
        raise UserError("this is no calibration", where=str(path), fix=fix) from error
    return found if found.version == metric.VERSION else None
