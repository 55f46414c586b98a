"""Evaluation JSON: one pass of a script over its cases, ``{"case_results": [{"case_id", "correct", ...}]}``.

The layout that `harness baseline` writes too. Totals beside the rows are not read: they follow from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.errors import UserError
from harness.results.opened import Opened
from harness.results.rows import Content, Row
from harness.types import Json

NAME = "evaluation JSON"
HINT = "an object with case_results[], each with case_id and correct"
_ROWS, _CASE, _CORRECT, _ERROR = "case_results", "case_id", "correct", "error"
_COSTS = ("latency", "cost")
_EXAMPLE = '{"case_id": "c1", "correct": true, "latency": 1.2, "cost": 0.001}'


def recognises(file: Opened) -> bool:
    """See ``Format``."""
    return isinstance(file.data, dict) and isinstance(file.data.get(_ROWS), list)


def read(file: Opened) -> Content:
    """See ``Format``. ``correct`` is the metric accuracy, every other number one of its own name; texts are kept."""
    rows: list[Row] = []
    told: dict[str, Mapping[str, Json]] = {}
    for index, entry in enumerate(file.data[_ROWS]):
        where = f"{_ROWS}[{index}]"
        case = _case(file.name, where, entry)
        rows += _values(file.name, case, where, entry)
        told[case] = {
            key: value for key, value in entry.items() if key not in (_CASE, _CORRECT) and not _is_number(value)
        }
    return Content(rows, told=told)


def _case(name: str, where: str, entry: Any) -> str:
    if not isinstance(entry, dict):
        raise UserError(f"a row is an object, not {entry!r:.60}", where=f"{name}: {where}", fix=f"write {_EXAMPLE}")
    case = entry.get(_CASE)
    if isinstance(case, str | int) and not isinstance(case, bool) and str(case).strip():
        return str(case)
    said = "is missing" if case is None else f"is {case!r:.60}"
    raise UserError(f"{_CASE} {said}", where=f"{name}: {where}", fix=f"give every row the id of its case: {_EXAMPLE}")


def _values(name: str, case: str, where: str, entry: Mapping[str, Any]) -> Iterator[Row]:
    right = entry.get(_CORRECT)
    if right is None:
        yield Row(case, "accuracy", None, where, f"the row has no {_CORRECT}", 0)
    elif _is_number(right) and not right < 0 and not right > 1:
        yield Row(case, "accuracy", float(right), where, "", 0)
    else:
        words = f"{_CORRECT} of case {case!r:.60} is {right!r:.60}, neither true nor false nor a share from 0 to 1"
        raise UserError(words, where=f"{name}: {where}", fix="write true or false, or null where it cannot be judged")
    for key, value in entry.items():
        if key in _COSTS and value is not None and not (_is_number(value) and not value < 0):
            words = f"{key} of case {case!r:.60} is {value!r:.60}, no number of at least 0"
            raise UserError(words, where=f"{name}: {where}", fix="write seconds and USD as numbers, or null")
        if key not in (_CASE, _CORRECT) and _is_number(value):
            yield Row(case, key, float(value), where, "", 0)


def _is_number(value: Any) -> bool:
    """Whether JSON holds a number or a truth value there; may be nan or infinite, which is said by who reads rows."""
    return isinstance(value, bool | int | float)
