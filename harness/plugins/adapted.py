"""Evaluators of other tools as metrics: `kind = "package.module:evaluator"` in a metric's table.

They run in the app's interpreter, where they are installed, and may call models of their own: what they said is on
record and asked once. Knows no tool; how one wants to be called is the worker's to find out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from harness.app import Scorer
from harness.metrics.options import Rule, text, way, word
from harness.protocols import Desk, Metric
from harness.types import Call, Case, Direction, Json, Run


def _places(value: Json) -> str:
    items = value if isinstance(value, list | tuple) else [value]
    return (
        "" if items and all(isinstance(item, str) and item for item in items) else "a dotted place, or a list of them"
    )


def _table(value: Json) -> str:
    return "" if isinstance(value, Mapping) else "a table of what the evaluator's class is made with"


OPTIONS: Mapping[str, Rule] = {
    "direction": way, "unit": word, "key": text, "input": text, "output": text, "reference": text, "context": _places,
    "arguments": _table,
}  # fmt: skip


def is_target(kind: Json) -> bool:
    """Whether the kind of a metric names an evaluator: "package.module:name"."""
    module, _, name = str(kind).partition(":")
    return all(part.isidentifier() for part in (*module.split("."), *name.split(".")))


@dataclass(slots=True, eq=False)
class Adapted:
    """A ``protocols.Metric`` and ``protocols.Asking``, whose answers ``checked`` checks."""

    NAME: str
    target: str
    options: Mapping[str, Json]
    checked: Metric
    scorer: Scorer
    UNIT: str
    DIRECTION: Direction
    VERSION: str = "1"
    desk: Desk | None = None
    _known: dict[str, float | str] = field(default_factory=dict)

    def serve(self, desk: Desk) -> None:
        """What was answered before is on record there."""
        self.desk = desk

    def ahead(self, pairs: Iterable[tuple[Case, Run]]) -> None:
        """Nothing: an evaluator is asked run by run."""

    def release(self) -> None:
        """End its process. Safe to call twice."""
        self.scorer.close()

    def score(self, case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
        """What the evaluator says; asked once for the same case, output and options. Raises what ``checked`` raises."""
        key = self._key(case, run)
        if key not in self._known:
            known = None if self.desk is None else self.desk.recorded(key)
            value = self.checked.score(case, run, self.options) if known is None else json.loads(known.text)
            if self.desk is not None and known is None:
                self.desk.note(_record(key, self.target, value))
            self._known[key] = value
        return self._known[key]

    def _key(self, case: Case, run: Run) -> str:
        fault = [run.fault.kind, run.fault.type] if run.fault else None
        told = [self.target, dict(self.options), dict(case.inputs), dict(case.expected), run.output, fault]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()


def direction_and_unit(options: Mapping[str, Any]) -> tuple[Direction, str]:
    """Which way is better and the unit, as the table says; a share of which more is better where it does not."""
    return cast(Direction, options.get("direction", "higher")), str(options.get("unit", ""))


def _record(key: str, target: str, value: float | str) -> Call:
    return Call(
        key=key, node="", step=0, position=0, model=target, messages=(), parameters={}, text=json.dumps(value),
        response={}, tokens_in=None, tokens_out=None, seconds=0.0,
    )  # fmt: skip
