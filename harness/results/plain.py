"""A table of one's own: a CSV file with the columns case and score, and if wanted run, metric and variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.errors import UserError
from harness.results.opened import Opened
from harness.results.rows import Content, Row, scored

NAME = "plain CSV"
HINT = "columns case and score, and if wanted run, metric, variant"
_CASE, _SCORE = ("case", "case_id", "id"), ("score", "value")
_RUN, _VARIANT = ("run", "k", "epoch", "trial", "repeat"), ("variant", "version", "model")


def recognises(file: Opened) -> bool:
    """See ``Format``."""
    return not {*_CASE}.isdisjoint(file.columns) and not {*_SCORE}.isdisjoint(file.columns)


def read(file: Opened) -> Content:
    """See ``Format``. An empty score is unscored; runs count from 0, or from the least number that is written."""
    rows = [_row(file.name, line, cells) for line, cells in file.table]
    first = min((row.k for row in rows if row.k is not None), default=0)
    return Content([row if row.k is None else replace(row, k=row.k - first) for row in rows])


def _row(name: str, line: int, cells: Mapping[str, str]) -> Row:
    where = f"line {line}"
    case = _first(cells, _CASE)
    if not case:
        raise UserError("a row without a case", where=f"{name}: {where}", fix="give every row the id of its case")
    row = Row(
        case=case,
        metric=cells.get("metric", "").strip() or "score",
        value=None,
        where=where,
        reason="no score in the file",
        k=_run(name, where, _first(cells, _RUN)),
        variant=_first(cells, _VARIANT),
    )
    score = _first(cells, _SCORE)
    return scored(score, name, row) if score else row


def _first(cells: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((cells[name].strip() for name in names if name in cells), "")


def _run(name: str, where: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise UserError(
            f"run {text!r} is no number", where=f"{name}: {where}", fix="number the runs of a case 1, 2, ..."
        )
    return int(text)
