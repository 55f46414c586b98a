"""Inspect (inspect_ai): a log as ``.eval``, an archive with one file per sample and epoch, or as ``.json``.

An epoch is a run. Values are read as Inspect's own metrics read them: C, P, I and N are 1, .5, 0 and 0, and NaN is
Inspect's sign for a sample that could not be scored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from harness.errors import UserError
from harness.results.opened import Opened
from harness.results.rows import Content, Row, canonical, scored

NAME = "Inspect log"
HINT = ".eval archives, or JSON with eval and samples"
_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_HEADERS = ("header.json", "_journal/start.json")  # the second one alone: the evaluation did not come to its end
_CONVERT = "convert it: inspect log convert {} --to json --output-dir ."


def recognises(file: Opened) -> bool:
    """See ``Format``."""
    if file.archive is not None:
        return any(name in file.archive.namelist() for name in _HEADERS)
    return isinstance(file.data, dict) and isinstance(file.data.get("eval"), dict) and "samples" in file.data


def read(file: Opened) -> Content:
    """See ``Format``."""
    head, samples = _log(file)
    about, status = head.get("eval") or {}, head.get("status", "started")
    version = f"{about.get('task', '')} version {about.get('task_version', 0)}"
    rows = [row for where, sample in samples for row in _values(file.name, where, sample, version)]
    notes = [] if status == "success" else [f"the evaluation in {file.name} ended as {status!r}"]
    return Content(rows, notes)


def _log(file: Opened) -> tuple[Mapping[str, Any], list[tuple[str, Any]]]:
    """Header, and each sample with its place."""
    if file.archive is None:
        return file.data, [(f"samples[{i}]", sample) for i, sample in enumerate(file.data["samples"] or [])]
    names = file.archive.namelist()
    head = _json(file, next(name for name in _HEADERS if name in names))
    inside = [name for name in names if name.startswith("samples/") and name.endswith(".json")]
    return head, [(name, _json(file, name)) for name in inside]


def _json(file: Opened, name: str) -> Any:
    if file.archive is None:
        return None
    try:
        return json.loads(file.archive.read(name))
    except NotImplementedError as error:  # a compression that this Python does not know, such as Zstandard
        raise UserError(f"{error}", where=f"{file.name}: {name}", fix=_CONVERT.format(file.name)) from error
    except ValueError as error:
        raise UserError(f"not JSON: {error}", where=f"{file.name}: {name}", fix="export the log again") from error


def _values(name: str, where: str, sample: Any, version: str) -> Iterator[Row]:
    if not isinstance(sample, dict) or not {"id", "epoch"} <= sample.keys():
        raise UserError("a sample without id or epoch", where=f"{name}: {where}")
    asks = canonical([sample.get("input"), sample.get("target")])
    case, k = str(sample["id"]), int(sample["epoch"]) - 1
    for scorer, score in (sample.get("scores") or {}).items():
        value = score.get("value") if isinstance(score, dict) else score
        for metric, part in _parts(scorer, value):
            row = Row(case, metric, None, where, "marked as unscored", k, "", asks, version)
            yield (
                row
                if _unscored(part)
                else scored(_LETTERS.get(part, part) if isinstance(part, str) else part, name, row)
            )
    usage = sample.get("model_usage") or {}
    costs = {"latency": sample.get("total_time")}
    costs["tokens"] = sum(one.get("total_tokens") or 0 for one in usage.values()) if usage else None
    for metric, value in costs.items():
        if value is not None:
            yield scored(value, name, Row(case, metric, None, where, "", k, "", asks))


def _parts(scorer: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A scorer's value, or each part of one that has several."""
    if isinstance(value, dict):
        yield from ((f"{scorer}/{key}", part) for key, part in value.items())
    elif isinstance(value, list):
        yield from ((f"{scorer}/{index}", part) for index, part in enumerate(value))
    else:
        yield scorer, value


def _unscored(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
