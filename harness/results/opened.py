"""A file of results opened once: as JSON, as a table, as an archive, whichever it is. Knows no tool."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.errors import UserError

_LARGEST_CELL = 2**30  # characters: outputs of an app may be long


class Opened:
    """``name`` is the file as the user wrote it. Raises UserError when it cannot be read."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        try:
            self.raw = path.read_bytes()
        except OSError as error:
            raise UserError(f"cannot be read: {error.strerror or error}", where=name) from error

    @cached_property
    def archive(self) -> zipfile.ZipFile | None:
        """The file as a zip archive, None where it is none."""
        buffer = io.BytesIO(self.raw)
        try:
            return zipfile.ZipFile(buffer) if zipfile.is_zipfile(buffer) else None
        except zipfile.BadZipFile:
            return None

    @cached_property
    def text(self) -> str:
        """The file as text, "" where it is none."""
        try:
            return self.raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return ""

    @cached_property
    def data(self) -> Any:
        """The file as JSON, None where it is none."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def broken(self) -> str:
        """Why a file that begins as JSON is none, "" for every other one."""
        if self.text.lstrip()[:1] not in ("{", "["):
            return ""
        try:
            json.loads(self.text)
        except (ValueError, RecursionError) as error:
            return f"is not JSON: {error}"
        return ""

    @cached_property
    def table(self) -> list[tuple[int, dict[str, str]]]:
        """(number of the last line, cells by column) of each row of a CSV file; empty where it is none."""
        csv.field_size_limit(_LARGEST_CELL)
        reader = csv.DictReader(io.StringIO(self.text))
        try:
            rows = [(reader.line_num, row) for row in reader]
        except csv.Error:
            return []
        return [(at, {key: value or "" for key, value in row.items() if key}) for at, row in rows]

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns of a CSV file."""
        return frozenset(self.table[0][1]) if self.table else frozenset()
