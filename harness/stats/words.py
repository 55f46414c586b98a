"""Numbers -> plain English: bands of p and of effect size, and how a number is written. Knows nothing of verdicts."""

from __future__ import annotations

from harness.types import Comparison

EFFECTS = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"))  # Cohen 1988; at or above the last one "large"
CHANCES = ((0.01, "very strong evidence"), (0.05, "strong evidence"), (0.10, "weak evidence"))


def number(value: float) -> str:
    """Three significant digits, as a person writes them: 0.0833, 12.5, 1234."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def chance(p: float) -> str:
    """A p value as it is printed, never as 0."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def evidence(p: float) -> str:
    """The band of a p value (.01, .05, .10)."""
    return next((word for limit, word in CHANCES if p <= limit), "no evidence")


def size(effect: float | None) -> str:
    """The band of Cohen's d (.2, .5, .8); None = the differences have no spread to compare with."""
    if effect is None:
        return "no spread between the cases"
    return next((word for limit, word in EFFECTS if abs(effect) < limit), "large") + " effect"


def tally(found: Comparison) -> str:
    """How many units moved which way."""
    return f"{found.improved} improved, {found.kept} kept, {found.worse} worse"


def describe(found: Comparison) -> str:
    """A comparison in one sentence without its full stop."""
    if found.gain is None or found.p is None:
        return f"{found.metric}: nothing to compare"
    if found.improved == found.worse == 0:
        return f"{found.metric} is the same on all {found.n} cases ({chance(found.p)})"
    way = "better" if found.gain > 0 else "worse"
    within = "" if found.low is None or found.high is None else _within(found.low, found.high)
    effect = "" if found.effect is None else f", {size(found.effect)} (d = {found.effect:.2f})"
    return (
        f"{found.metric} is {number(abs(found.gain))} {way}{within}, {chance(found.p)}, {evidence(found.p)}{effect}; "
        f"of {found.n} cases {tally(found)}"
    )


def _within(low: float, high: float) -> str:
    return f" (95 % interval of the gain {number(low)} to {number(high)})"
