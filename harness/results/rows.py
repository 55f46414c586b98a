"""What every format yields: one row per metric of one run of one case. Knows no format."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.errors import UserError
from harness.results.opened import Opened
from harness.types import Json


@dataclass(frozen=True, slots=True)
class Row:
    """One value as it stands in a file."""

    case: str  # the same in every file that holds results of the same case
    metric: str
    value: float | None  # None = unscored
    where: str  # place in the file: "line 7", "results[3]"
    reason: str = ""  # why unscored
    k: int | None = None  # run index; None = the next one of its case
    variant: str = ""  # which of the versions in the file; "" = its only one
    asks: str = ""  # what the case asks and expects, as far as its id does not say
    version: str = ""  # of the metric


@dataclass(frozen=True, slots=True)
class Content:
    """A file as read."""

    rows: Sequence[Row]  # in the order of the file
    notes: Sequence[str] = ()  # what a reader must know
    kind: str = ""  # which format it was, as the settings call it
    told: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)  # what else is said of a case, no numbers


class Format(Protocol):
    """A module: one file, the results of one tool."""

    NAME: str
    HINT: str  # by what a file is told to be one, for people

    def recognises(self, file: Opened) -> bool:
        """Whether the file is of this tool. Never raises."""
        ...

    def read(self, file: Opened) -> Content:
        """Every value of the file. Raises UserError with the row in question where it is not as the tool writes it."""
        ...


def canonical(value: Json) -> str:
    """The same text for the same value, whatever the order of its keys; a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


_WORDS = {"true": 1.0, "yes": 1.0, "pass": 1.0, "false": 0.0, "no": 0.0, "fail": 0.0}


def number(value: Json) -> float | None:
    """A number, a truth value or a text that stands for one of them; None for anything else. May be nan or infinite."""
    if isinstance(value, bool | int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    if value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    try:
        return float(value)
    except ValueError:
        return None


def scored(value: Json, name: str, row: Row) -> Row:
    """``row`` with a value that must be a number. Raises UserError where it is none."""
    found = number(value)
    if found is None:
        raise UserError(
            f"{row.metric} of case {row.case!r:.60} is {value!r:.60}, no number", where=f"{name}: {row.where}"
        )
    return Row(row.case, row.metric, found, row.where, "", row.k, row.variant, row.asks, row.version)


def is_finite(row: Row) -> bool:
    """Whether a value can be compared."""
    return row.value is None or math.isfinite(row.value)
