"""What each node takes, and the summary of one pass over the cases in the layout that evaluation scripts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.prices import Prices, cost
from harness.types import Call, Json, NodeCost, Run, Score


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    seconds: float = 0.0
    tokens: int = 0
    usd: float | None = 0.0

    def add(self, call: Call, prices: Prices) -> None:
        price = cost(call, prices)
        self.calls += 1
        self.seconds += call.seconds
        self.tokens += (call.tokens_in or 0) + (call.tokens_out or 0)
        self.usd = None if self.usd is None or price is None else self.usd + price


def node_costs(runs: Sequence[Run], prices: Prices) -> tuple[NodeCost, ...]:
    """Calls, seconds, tokens and USD by node, per run on the mean, the slowest node first.

    Runs that failed for the infrastructure do not count. Seconds are those of the model calls as first made; USD is
    None as soon as one call of the node is unpriced. Calls outside any node stand under "".
    """
    counted = [run for run in runs if not run.lost]
    sums: dict[str, _Sum] = {}
    for run in counted:
        for call in run.calls:
            if not call.error:
                sums.setdefault(call.node, _Sum()).add(call, prices)
    whole = sum(s.seconds for s in sums.values())
    rows = [
        NodeCost(
            node=node,
            calls=s.calls / len(counted),
            seconds=s.seconds / len(counted),
            tokens=s.tokens / len(counted),
            usd=None if s.usd is None else s.usd / len(counted),
            share=s.seconds / whole if whole else 0.0,
        )
        for node, s in sums.items()
    ]
    return tuple(sorted(rows, key=lambda r: (-r.seconds, r.node)))


def run_file(runs: Sequence[Run], scores: Sequence[Score]) -> Mapping[str, Json]:
    """One pass over the cases as JSON: totals, means and a row per case.

    ``scores`` are those of every metric for these runs. A figure whose metric is missing or unscored is null, and
    ``correct`` counts the cases of accuracy 1.
    """
    values = {(s.metric, s.case): s.value for s in scores}
    rows = [_row(run, values) for run in runs]
    right = [values.get(("accuracy", run.case)) for run in runs]
    judged = [value >= 1.0 for value in right if value is not None]
    return {
        "total_cases": len(rows),
        "correct": sum(judged),
        "accuracy": _mean(judged),
        **_total("latency", rows),
        **_total("cost", rows),
        "case_results": rows,
    }


def _row(run: Run, values: Mapping[tuple[str, str], float | None]) -> dict[str, Json]:
    right = values.get(("accuracy", run.case))
    return {
        "case_id": run.case,
        "correct": None if right is None else right >= 1.0,
        "latency": values.get(("latency", run.case), run.seconds),
        "cost": values.get(("cost", run.case)),
    }


def _total(name: str, rows: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    known = [row[name] for row in rows if row[name] is not None]
    return {f"total_{name}": sum(known) if known else None, f"avg_{name}": _mean(known)}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
