"""Statistics of the whole set of cases that are made of other metrics: percentiles of the latency, and throughput.

Knows names and what to aim at instead; computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.types import Measure

PERCENTILES = {f"latency_p{n:02}": f"p{n:02}" for n in range(1, 100)}  # NAME of the metric -> its statistic
_WHY = "throughput is told, and no change is decided on it: it follows from the mean latency"


def told_only() -> Mapping[str, Measure]:
    """By name: what is reported and is no goal."""
    return {"throughput": Measure("higher", "cases/s", _WHY, "aim at latency")}
