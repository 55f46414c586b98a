"""Statistics of the whole set of cases: reported, and refused as goals with the goal that says the same.

They are no means over cases, so the paired test of a decision does not hold for them. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.types import Measure

_WHY = "{} is a statistic of the whole set of cases: it is reported, but a change is decided on means over cases"
_PERCENTILE = (
    'aim at the share of runs within a limit: [tool.harness.metrics.in_time] kind = "within", limit = SECONDS, '
    "and the goal '- **In time**: {}% or higher'; or at latency, the mean"
)


def whole_statistics() -> Mapping[str, Measure]:
    """By name: weighted F1, throughput, and every percentile of the latency."""
    percentiles = {
        f"latency_p{n:02}": Measure("lower", "s", _WHY.format(f"latency p{n:02}"), _PERCENTILE.format(n))
        for n in range(1, 100)
    }
    f1 = Measure("higher", "", _WHY.format("weighted F1"), "aim at accuracy; the table by class stands in the report")
    throughput = Measure("higher", "cases/s", _WHY.format("throughput"), "aim at latency, which it follows from")
    return {"f1": f1, "throughput": throughput, **percentiles}
