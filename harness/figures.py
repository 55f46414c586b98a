"""How numbers are written, everywhere alike: by unit, with three significant digits, and p and effect size in words.

Reports, verdicts and the terminal must agree on these, so they live on the ground floor. This module knows nothing of
metrics by name, of tables or of Markdown.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from harness.types import Goal

NONE = "-"  # what stands for a value that is not there
_WRITTEN = {"%": "", "s": "s", "$": "USD"}  # unit of a goal as written -> UNIT of its metric
EFFECTS = ((0.2, "negligible"), (0.5, "small"), (0.8, "medium"))  # Cohen 1988; at or above the last one "large"
CHANCES = ((0.01, "very strong evidence"), (0.05, "strong evidence"), (0.10, "weak evidence"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")


def number(value: float) -> str:
    """Three significant digits, never with an exponent: 0.0833, 12.5, 1234."""
    if not math.isfinite(value):
        return NONE
    rounded = f"{value:.0f}" if abs(value) >= 1000 else format(Decimal(f"{value:.3g}"), "f")
    return "0" if rounded == "-0" else rounded


def amount(value: float | None, unit: str | None) -> str:
    """A value in a metric's UNIT: "" is a share of 1, written in percent; None is a unit that nobody knows.

    A value of None is written "-".
    """
    if value is None or not math.isfinite(100 * value):
        return NONE
    if unit is None:
        return number(value)
    return f"{100 * value:.1f} %" if unit == "" else f"{number(value)} {unit}"


def difference(value: float | None, unit: str | None) -> str:
    """A signed difference of two values in ``unit`` (see ``amount``); of shares in percentage points."""
    if value is None or not math.isfinite(100 * value):
        return NONE
    digits = f"{100 * value:.1f}" if unit == "" else number(value)
    sign = "+" if value > 0 and float(digits) else ""
    return f"{sign}{'0.0' if digits == '-0.0' else digits} {'points' if unit == '' else unit or ''}".rstrip()


def between(low: float | None, high: float | None, unit: str | None) -> str:
    """An interval of signed differences, "+3.0 to +13.1 points"."""
    first, second = difference(low, unit), difference(high, unit)
    return f"{first.split(' ')[0]} to {second}" if NONE not in (first, second) else NONE


def wanted(goal: Goal, unit: str | None = None) -> str:
    """A goal's target, "at least 90.0 %"; its unit is the metric's where known, else as the goal is written."""
    if goal.target is None:
        return NONE
    known = written(goal) if unit is None else unit
    return f"{'at least' if goal.direction == 'higher' else 'at most'} {amount(goal.target, known)}"


def written(goal: Goal) -> str | None:
    """UNIT of a goal's metric as far as the goal tells; None where it was written without a unit."""
    return _WRITTEN.get(goal.unit)


def relative(before: float | None, after: float | None) -> str:
    """Change against ``before`` in percent with its sign; "-" where before is 0 or missing."""
    change = 100 * (after / before - 1) if before and after is not None else math.nan
    return f"{change:+.1f} %" if math.isfinite(change) else NONE


def share(value: float | None) -> str:
    """A fraction in whole percent."""
    return NONE if value is None or not math.isfinite(100 * value) else f"{100 * value:.0f} %"


def count(number_of: int, noun: str) -> str:
    """ "1 case", "2 cases", "1,200 cases": nouns that take a plain s."""
    return f"{number_of:,} {noun}" if number_of == 1 else f"{number_of:,} {noun}s"


def duration(seconds: float) -> str:
    """ "0.8 s", "12 s", "3 min 12 s", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


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


def one_line(text: str) -> str:
    """One line without control characters or marks that reorder text."""
    return " ".join(_CONTROL.sub(" ", text).split())
