"""A case file -> Cases, with every finding at once. Knows the fields of a case (F5); asks nothing of the app."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from rapidfuzz import fuzz, process

from harness.cases.locate import Row, rows_of_lines, rows_of_object
from harness.errors import HarnessError, Problems, UserError
from harness.sources import utf8
from harness.types import Case, Json

MOST = 50  # findings listed before reading stops
LARGEST = 50_000_000  # bytes; held in memory whole, about eight times over while it is read
_TYPO = 80  # similarity of 100 from which an unknown key is taken for a misspelt one
_ROOT = "test_cases"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5)]


class _Fields(BaseModel):
    """One case as written; keys that it does not name are kept."""

    model_config = ConfigDict(strict=True, extra="allow")

    id: Annotated[str, Field(min_length=1)]
    input: Text | Annotated[dict[str, Json], Field(min_length=1)]
    category: str = ""
    difficulty: Literal["easy", "medium", "hard", ""] = ""
    cluster: str = ""
    metadata: dict[str, Json] = {}
    expected_intent: str | None = None
    expected_answer: str | None = None
    expected_answer_semantic: list[str] | None = None


_KNOWN = tuple(_Fields.model_fields)
_FIXES = {
    "id": 'give every case a text of its own, such as "id": "billing-01"',
    "input": 'give "input" a text of at least 5 characters, or an object of graph inputs',
    "difficulty": "one of easy, medium, hard; or leave it out",
    "category": 'a text, such as "category": "billing"',
    "cluster": 'a text that the cases of one source share, such as "cluster": "manual-7"',
    "metadata": 'an object, such as "metadata": {"source": "mail"}',
    "expected_intent": "a text",
    "expected_answer": "a text",
    "expected_answer_semantic": "a list of texts",
}


def load(path: Path, name: str = "") -> tuple[Case, ...]:
    """The cases of a JSONL file, or of a JSON file ``{"test_cases": [...]}``, in the order written.

    ``name`` is the path as messages show it. Keys that are neither of F5 nor ``expected_*`` are kept in ``metadata``.
    Raises Problems with up to 50 findings, each with "file:line": broken JSON, a missing or double id, a missing or
    short input, a wrong type, an unknown difficulty, a misspelt key, no case at all.
    Cases with equal inputs and no cluster become one: they would otherwise be asked on both sides of the split, and
    count twice in the test.
    """
    name = name or path.as_posix()
    findings: list[HarnessError] = []
    cases: list[Case] = []
    lines: dict[str, int] = {}  # id -> line of its first case
    for row in _rows(path, name):
        findings += _findings(row, name, lines)
        if len(findings) >= MOST:
            findings[MOST:] = [
                UserError(f"stopped after {MOST} findings", where=name, fix="mend these and check again")
            ]
            break
        if not findings:
            cases.append(_case(row))
    if not cases and not findings:
        findings.append(UserError("no test case in the file", where=name, fix='one object per line: {"id", "input"}'))
    if findings:
        raise Problems(findings)
    return _joined(cases)


def asked(case: Case) -> str:
    """What a case asks, as one text that is equal for equal inputs."""
    return json.dumps(case.inputs, sort_keys=True, ensure_ascii=False)


def _joined(cases: Sequence[Case]) -> tuple[Case, ...]:
    counts = Counter(asked(case) for case in cases if not case.cluster)
    repeated = {
        text: f"input {hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:12]}" for text in counts
    }
    return tuple(
        case if case.cluster or counts[asked(case)] == 1 else replace(case, cluster=repeated[asked(case)])
        for case in cases
    )


def _rows(path: Path, name: str) -> Iterator[Row]:
    """Every row of the file. Raises UserError when there is no such file, it is no text or far too long."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            said = f"the case file has {size / 1e6:.0f} MB, more than the {LARGEST / 1e6:.0f} MB that are read"
            raise UserError(said, where=name, fix="keep fewer cases, or name long documents by a path in the input")
        text = utf8(path, name)
    except FileNotFoundError as error:
        raise UserError("the case file is missing", where=name, fix="write it, or name another by --cases") from error
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
        raise UserError(said, where=name, fix="name a text file that you may read by --cases") from error
    if path.suffix == ".json" and text.strip():
        yield from rows_of_object(text, _ROOT)
    else:
        yield from rows_of_lines(text)


def _findings(row: Row, name: str, lines: dict[str, int]) -> list[HarnessError]:
    """Everything that is wrong with one row; notes its id in ``lines``."""
    where = f"{name}:{row.line}"
    if row.fault:
        return [UserError(row.fault, where=where, fix=f'one object per line, or a .json file {{"{_ROOT}": [...]}}')]
    if not isinstance(row.value, dict):
        return [
            UserError(f"a case is an object, not {row.value!r:.60}", where=where, fix='write {"id": ..., "input": ...}')
        ]
    wrong: list[HarnessError] = []
    case_id = row.value.get("id")
    if isinstance(case_id, str) and lines.setdefault(case_id, row.line) != row.line:
        said = f"id {case_id!r} stands at {name}:{lines[case_id]} already"
        wrong.append(UserError(said, where=where, fix="give each case an id of its own"))
    try:
        _Fields.model_validate(row.value)
    except ValidationError as error:
        for key in dict.fromkeys(str(detail["loc"][0]) for detail in error.errors()):
            wrong.append(UserError(_complaint(row.value, key), where=where, fix=_FIXES[key]))
    for key in row.value:
        meant = _meant(key)
        if meant:
            wrong.append(UserError(f"unknown key {key!r}", where=where, fix=f"write {meant!r}, or move it to metadata"))
    return wrong


def _meant(key: str) -> str:
    """The key that a misspelt one stands for, "" for one that is known or like none."""
    if key in _KNOWN or key.startswith("expected_"):
        return ""
    near = process.extractOne(key, _KNOWN, scorer=fuzz.ratio, score_cutoff=_TYPO)
    if near:
        return str(near[0])
    head, _, field = key.partition("_")
    return f"expected_{field}" if field and fuzz.ratio(head, "expected") >= _TYPO else ""


def _complaint(row: dict[str, Json], key: str) -> str:
    if key not in row or row[key] == "":
        return f'"{key}" is missing'
    if key == "input" and isinstance(row[key], str):
        return f'"input" {row[key]!r} is shorter than 5 characters'
    return f'"{key}" cannot be {row[key]!r:.60}'


def _case(row: Row) -> Case:
    """A row that was found in order."""
    said = _Fields.model_validate(row.value)
    extra = {key: value for key, value in row.value.items() if key not in _KNOWN}
    metadata = said.metadata | {key: value for key, value in extra.items() if not key.startswith("expected_")}
    raw = row.value["input"]
    return Case(
        id=said.id,
        inputs={"input": raw} if isinstance(raw, str) else raw,
        expected={k: v for k, v in row.value.items() if k.startswith("expected_") and v is not None},
        category=said.category,
        difficulty=said.difficulty,
        cluster=said.cluster or str(said.metadata.get("cluster", "")),
        metadata=metadata,
        line=row.line,
    )
