"""A file of human labels -> rows: replies that people have judged. CSV, JSONL or a JSON list. Asks no model."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UserError
from harness.judge.forms import Form
from harness.sources import utf8
from harness.types import Json

REPLY = ("output", "reply", "answer", "response")  # keys that may hold the reply
PAIR = ("output_a", "output_b")
_FIX = "a row has `label`, and `output` (for pairs `output_a` and `output_b`) or `case`; see docs/judge.md"


@dataclass(frozen=True, slots=True)
class Label:
    """One reply, or one pair of them, as people judged it."""

    value: float  # 0-1; of a pair 1 where output_a is better
    where: str  # "labels.csv:12"
    replies: tuple[str, ...]  # one, or the two of a pair; () = the recorded run of the case
    case: str = ""  # id of a case of the repo
    k: int = 0  # run index of that case
    inputs: Mapping[str, Json] | None = None
    expected: Mapping[str, Json] | None = None
    context: str = ""
    judge: float | None = None  # a verdict that the file holds already


def labelled(path: Path, form: Form) -> list[Label]:
    """The labels of a file, in its order. Raises UserError, with the line, for a row that cannot be used."""
    try:
        text = utf8(path, path.name)
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(path), fix=_FIX) from error
    rows = [_label(row, f"{path.name}:{line}", form) for line, row in _rows(text, path)]
    if len(rows) < 2:
        raise UserError(f"{len(rows)} labels: agreement needs at least 2", where=path.name, fix=_FIX)
    return rows


def _rows(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, Json]]]:
    """(line, row)."""
    if path.suffix == ".csv":
        reader = csv.DictReader(io.StringIO(text, newline=""))
        for row in reader:
            yield reader.line_num, {str(key).strip(): value for key, value in row.items() if value not in (None, "")}
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UserError(
                f"not JSON: {error}", where=f"{path.name}:{number}", fix="one JSON object a line"
            ) from error
        if not isinstance(row, dict):
            raise UserError("no JSON object", where=f"{path.name}:{number}", fix=_FIX)
        yield number, row


def _label(row: Mapping[str, Json], where: str, form: Form) -> Label:
    value = _value(row.get("label"), form)
    if value is None:
        shown = f"the label {row['label']!r} is not {form.verdict}" if "label" in row else "the row has no label"
        raise UserError(shown, where=where, fix=_FIX)
    names = PAIR if form.kind == "pairwise" else next(((key,) for key in REPLY if key in row), ())
    replies = tuple(str(row[name]) for name in names if name in row)
    if len(replies) != len(names) or not (replies or row.get("case")):
        raise UserError("the row does not say which reply was judged", where=where, fix=_FIX)
    given = row.get("inputs", row.get("input"))
    expected = {key: item for key, item in row.items() if key.startswith("expected_")}
    return Label(
        value=value,
        where=where,
        replies=replies,
        case=str(row.get("case", "")),
        k=int(row.get("k", 0)),
        inputs=given if isinstance(given, dict) else {} if given is None else {"input": given},
        expected=expected,
        context=str(row.get("context", "")),
        judge=_value(row.get("judge"), form),
    )


def _value(said: Json, form: Form) -> float | None:
    """As a verdict; of claims also the share itself. Of a pair "a" is the first."""
    found = form.value(said)
    if found is None and form.kind == "claims":
        try:
            share = float(said)
        except (TypeError, ValueError):
            return Form("yes/no").value(said)
        return share if 0 <= share <= 1 else None
    return found
