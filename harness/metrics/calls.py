"""The model calls of a run that count, for the metrics of this folder."""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics.options import Rule, text
from harness.types import Call, Json, Run

OPTIONS: Mapping[str, Rule] = {"node": text}  # that every metric of calls takes


def answered(run: Run, options: Mapping[str, Json]) -> list[Call]:
    """Calls that were answered, replayed ones included; of ``options["node"]`` alone where one is named."""
    return [call for call in run.calls if not call.error and options.get("node", call.node) == call.node]


def tokens_of(run: Run, options: Mapping[str, Json], *sides: str) -> float | str:
    """Sum of ``sides`` ("tokens_in", "tokens_out") over the answered calls; a sentence when a model did not count."""
    total = 0
    for call in answered(run, options):
        counts = [getattr(call, side) for side in sides]
        if None in counts:
            return f"{call.model} did not say how many tokens it used"
        total += sum(counts)
    return float(total)
