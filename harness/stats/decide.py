"""Comparison and guardrails -> keep, reject or no verdict. Knows the rule and its words, and no arithmetic on scores.

The level that is passed in is that of one confirmation: alpha / m keeps the chance of any false keep in a run of m
confirmations at or under alpha, however many candidates were screened on dev (Bonferroni; dev and holdout share no
case).
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.figures import chance, evidence, number
from harness.stats.words import describe
from harness.types import Comparison, Decision, Guard

SCREEN_P = 0.10  # screening on dev spends no alpha: it only chooses what to confirm
MISSING = 0.02  # largest share of missing values in an arm that still allows a verdict
FEWEST = 12  # units; fewer allow a report but no claim


def screen(found: Comparison) -> bool:
    """Whether a candidate measured on dev deserves a confirmation on the holdout."""
    return found.gain is not None and found.p is not None and found.gain > 0 and found.p <= SCREEN_P


def futile(found: Comparison) -> bool:
    """Whether a candidate that is only partly measured on dev should be dropped."""
    return found.gain is None or found.gain <= 0


def decide(found: Comparison, guards: Sequence[Guard], alpha: float, missing_share: float) -> Decision:
    """Keep when the target improved at level ``alpha`` and every guardrail holds.

    ``missing_share``: of the two arms the larger share of runs lost to faults of the infrastructure, 0-1.
    """
    blocked = _no_verdict(found, missing_share)
    if blocked:
        return Decision("no verdict", found, tuple(guards), alpha, blocked)
    broken = [g for g in guards if not g.holds]
    if found.p is None or found.gain is None or found.p > alpha or found.gain <= 0:
        words = f"Rejected: {describe(found)}. {_shortfall(found, alpha)}"
        return Decision("reject", found, tuple(guards), alpha, words)
    if broken:
        names = "; ".join(_broken(g) for g in broken)
        return Decision("reject", found, tuple(guards), alpha, f"Rejected: {describe(found)}. But {names}.")
    held = f" All {len(guards)} guardrails hold." if len(guards) > 1 else " The guardrail holds." if guards else ""
    return Decision("keep", found, tuple(guards), alpha, f"Kept: {describe(found)}. Level {number(alpha)}.{held}")


def _no_verdict(found: Comparison, missing_share: float) -> str:
    if found.n == 0 or found.p is None:
        return "No verdict: no case has a value in both arms."
    if missing_share > MISSING:
        return (
            f"No verdict: {number(missing_share * 100)} % of the values of an arm are missing, more than "
            f"{number(MISSING * 100)} %; see the faults in the record and run again."
        )
    if found.n < FEWEST:
        return f"No verdict: {found.n} cases are fewer than the {FEWEST} that a claim needs; {describe(found)}."
    return ""


def _shortfall(found: Comparison, alpha: float) -> str:
    if found.improved == found.worse == 0:
        return "The change makes no difference here."
    if found.gain is None or found.gain <= 0 or found.p is None:
        return "It did not improve."
    needed = f"{chance(found.p)} is above the level of this confirmation, {number(alpha)}"
    return f"That is {evidence(found.p)}, but {needed}." if found.p <= SCREEN_P else f"{needed[0].upper()}{needed[1:]}."


def _broken(guard: Guard) -> str:
    seen = "" if guard.before is None or guard.after is None else f" ({number(guard.before)} -> {number(guard.after)})"
    bound = "too few cases to show it" if guard.bound is None else f"90 % bound {number(guard.bound)}"
    return f"the guardrail on {guard.metric} does not hold: {guard.rule}{seen}, {bound}"
