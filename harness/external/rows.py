"""The results of one run of the command -> what is known of each case. Knows no process and no metric's meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness import results
from harness.errors import UserError
from harness.results import Content
from harness.types import Json

TOLERANT = ("junit", "promptfoo")  # tools that leave with an error where a test failed
ANSWER, ERROR, UNSCORED = "answer", "error", "unscored"
_RIGHT = "accuracy"
_PASS = {"promptfoo": "pass"}  # what a tool calls being right


@dataclass(slots=True)
class Told:
    """What the results say of one case."""

    values: dict[str, float] = field(default_factory=dict)  # by metric
    reasons: dict[str, str] = field(default_factory=dict)  # why unscored, by metric
    texts: Mapping[str, Json] = field(default_factory=dict)  # whatever else stands in its row

    @property
    def error(self) -> str:
        """Why the app failed on the case, "" where it did not."""
        return str(self.texts.get(ERROR) or "")

    @property
    def output(self) -> dict[str, Json]:
        """As the output of a run, which metrics read."""
        return {**self.texts, **self.values, UNSCORED: self.reasons}


def read(path: Path, name: str, kind: str) -> tuple[dict[str, Told], str]:
    """What is told of each case, and of which format the file is; ``kind`` "" tells it by what it holds.

    Raises UserError that names the file, the row and the fix.
    """
    content = results.contents(path, name, kind=kind)
    main = _main(content)
    found: dict[str, Told] = {}
    seen: dict[tuple[str, str], str] = {}
    for row in content.rows:
        first = seen.setdefault((row.case, row.metric), row.where)
        if first != row.where:
            words = f"the case {row.case!r:.80} stands at {first} already"
            raise UserError(words, where=f"{name}: {row.where}", fix="give one result per case: runs are repeated here")
        told = found.setdefault(row.case, Told(texts=content.told.get(row.case, {})))
        metric = _RIGHT if row.metric == main else row.metric
        if row.value is None:
            told.reasons[metric] = row.reason
        else:
            told.values[metric] = row.value
    return found, content.kind


def _main(content: Content) -> str:
    """The metric that says whether a case is right."""
    if content.kind == "inspect":
        return next((row.metric for row in content.rows), _RIGHT)
    return _PASS.get(content.kind, _RIGHT)
