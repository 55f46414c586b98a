"""Data files -> rows with their places: JSONL, JSON, CSV and TSV. Knows no column.

What cannot be read is told in words and skipped; nothing of a file can stop the others.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from harness.cases.locate import Row, rows_of_lines, rows_of_object
from harness.figures import count
from harness.types import Json

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
LARGEST = 50_000_000  # bytes that are read of a file; of a table the lines after them are left out
_LISTS = (
    "test_cases",
    "examples",
    "cases",
    "data",
    "dataset",
    "rows",
    "samples",
    "items",
    "questions",
    "tests",
    "records",
)
_CELL = 1_000_000  # characters


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, and what a reader must know of it."""

    rows: Iterator[tuple[int, Mapping[str, Json]]]  # line, row
    notes: list[str]  # filled while the rows are read


def read(path: Path, name: str) -> Table:
    """The rows of a data file; ``name`` is the file as people know it."""
    notes: list[str] = []
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            raw = file.read(LARGEST)
        text = raw.decode("utf-8-sig", "strict" if size <= LARGEST else "ignore")
    except UnicodeDecodeError as error:
        at = raw.count(b"\n", 0, error.start) + 1
        return Table(iter(()), [f"{name}:{at}: not UTF-8, so it was not read"])
    except OSError as error:
        return Table(iter(()), [f"{name}: cannot be read: {error.strerror}"])
    if size > LARGEST:
        if path.suffix == ".json":
            return Table(iter(()), [f"{name}: {size / 1e6:.0f} MB are too much to be read; cut it, or make it JSONL"])
        notes.append(f"{name}: of its {size / 1e6:.0f} MB the first {LARGEST / 1e6:.0f} were read")
        text = text[: text.rfind("\n") + 1]
    if path.suffix in (".csv", ".tsv"):
        return Table(_cells(text, "\t" if path.suffix == ".tsv" else ",", name, notes), notes)
    return Table(_objects(text, name, notes, as_lines=path.suffix != ".json"), notes)


def _objects(text: str, name: str, notes: list[str], *, as_lines: bool) -> Iterator[tuple[int, Mapping[str, Json]]]:
    wrong: list[int] = []
    for row in rows_of_lines(text) if as_lines else _items(text):
        if row.fault:
            wrong.append(row.line)
        elif isinstance(row.value, dict):
            yield row.line, row.value
    if wrong:
        lines = ", ".join(map(str, wrong[:3])) + (", ..." if wrong[3:] else "")
        notes.append(f"{name}: {count(len(wrong), 'row')} left out, no JSON (line {lines})")


def _items(text: str) -> Iterator[Row]:
    """The items of the list that a JSON document is or holds under a usual name."""
    start = text.lstrip()[:1]
    if start == "[":
        yield from rows_of_object(f'{{"rows":{text}}}', "rows")
    elif start == "{":
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Row(None, getattr(error, "lineno", 1), "not JSON")
            return
        key = next((key for key in _LISTS if isinstance(whole.get(key), list)), "")
        if key:
            yield from rows_of_object(text, key)


def _cells(text: str, delimiter: str, name: str, notes: list[str]) -> Iterator[tuple[int, Mapping[str, Json]]]:
    csv.field_size_limit(_CELL)
    if delimiter == "," and text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(","):
        delimiter = ";"
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, {key: cell for key, cell in row.items() if key and isinstance(cell, str)}
    except csv.Error as error:
        notes.append(f"{name}:{reader.line_num}: {error}; the rows after it were left out")
