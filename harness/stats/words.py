"""A comparison in plain English. Knows nothing of verdicts; how numbers are written is the house's (``figures``)."""

from __future__ import annotations

from harness.figures import chance, evidence, number, size
from harness.types import Comparison


def tally(found: Comparison) -> str:
    """How many units moved which way."""
    return f"{found.improved} improved, {found.kept} unchanged, {found.worse} worse"


def describe(found: Comparison) -> str:
    """A comparison in one sentence without its full stop."""
    if found.gain is None or found.p is None:
        return f"{found.metric}: nothing to compare"
    if found.improved == found.worse == 0 and not found.gain:
        return f"{found.metric} is the same on all {found.n} cases ({chance(found.p)})"
    way = "better" if found.gain > 0 else "worse" if found.gain < 0 else "better or worse"
    within = "" if found.low is None or found.high is None else _within(found.low, found.high)
    effect = "" if found.effect is None else f", {size(found.effect)} (d = {found.effect:.2f})"
    return (
        f"{found.metric} is {number(abs(found.gain))} {way}{within}, {chance(found.p)}, {evidence(found.p)}{effect}; "
        f"of {found.n} cases {tally(found)}"
    )


def _within(low: float, high: float) -> str:
    return f" (95 % interval of the gain {number(low)} to {number(high)})"
