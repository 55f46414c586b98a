"""Comparison and guardrails -> keep, reject or no verdict. Knows the rule and its words, and no arithmetic on scores.

The level that is passed in is that of one confirmation. What confirmations use up sums to alpha at most, which keeps
the chance of any false keep at or under alpha, however many candidates dev has screened: it shares no case with it.
What a kept change was offered is free again: as long as no false change has been kept, the levels of all false ones
tried add up to alpha at most (the argument of fallback procedures, Wiens 2003; written out in docs/decisions/0002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.figures import chance, evidence, number
from harness.stats.compare import Sighting
from harness.stats.looks import FEWEST, Course, hopeless
from harness.stats.promise import ADMITTED, promise
from harness.stats.words import describe
from harness.types import Comparison, Decision, Guard

DROP_P = 0.80  # dropped on dev after part of the runs: a standard error below no gain, or so
WEAK_P = 0.10  # worth a word
MISSING = 0.02  # largest share of missing values in an arm that still allows a verdict


def screen(found: Comparison, *, share: bool) -> bool:
    """Whether a candidate measured on dev deserves a confirmation on the holdout; ``share`` as in ``promise``.

    Spends no alpha: it only chooses what to confirm. Never one without a gain, or where nothing was compared.
    """
    return found.gain is not None and found.gain > 0 and promise(found, share=share) >= ADMITTED


def futile(found: Comparison, *, last: bool) -> bool:
    """Whether a candidate should be dropped on dev: without a gain after its last run, clearly worse before that.

    True where nothing was compared. Ties are no gain: what changed no case is dropped after its last run.
    """
    if found.gain is None or found.p is None:
        return True
    return found.gain <= 0 if last else found.gain < 0 and found.p > DROP_P


def decide(found: Comparison, guards: Sequence[Guard], alpha: float, missing_share: float) -> Decision:
    """Keep when the target improved at level ``alpha`` and every guardrail holds.

    ``missing_share``: of the two arms the larger share of runs lost to faults of the infrastructure, 0-1. No verdict
    where more than ``MISSING`` are, with fewer than ``FEWEST`` units, and without a value in both arms.
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


def judge(seen: Sighting, course: Course, guards: Sequence[Guard], missing_share: float) -> Decision | None:
    """What follows from the looks taken so far; None when the next one has to be taken.

    A confirmation ends when the gain is significant and every guardrail holds, for futility, or with the last look. A
    gain that was significant at a look stays so: a guardrail may still need more cases.
    """
    alpha, last = course.limits[-1], len(seen.looks) == len(course.blocks)
    decision, look = decide(seen.comparison, guards, alpha, missing_share), seen.looks[-1]
    if seen.crossed and decision.verdict == "keep":
        ended, spent = replace(look, end="kept"), 0.0
    elif last:
        exact = seen.comparison.method.startswith("exact")
        ended, spent = replace(look, end="all cases"), look.used if exact else alpha
    elif not seen.crossed and hopeless(look.gain, look.share):
        ended, spent = replace(look, end="futile"), alpha
    else:
        return None
    early = "" if last else f" It ended at look {len(seen.looks)} of {len(course.blocks)}."
    looks = (*seen.looks[:-1], ended)
    return replace(decision, looks=looks, planned=len(course.blocks), spent=spent, words=decision.words + early)


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
    if found.improved == found.worse == 0 and not found.gain:
        return "The change makes no difference here."
    if found.gain is None or found.gain <= 0 or found.p is None:
        return "It did not improve."
    needed = f"{chance(found.p)} is above the level of this confirmation, {number(alpha)}"
    return f"That is {evidence(found.p)}, but {needed}." if found.p <= WEAK_P else f"{needed[0].upper()}{needed[1:]}."


def _broken(guard: Guard) -> str:
    seen = "" if guard.before is None or guard.after is None else f" ({number(guard.before)} -> {number(guard.after)})"
    bound = "too few cases to show it" if guard.bound is None else f"90 % bound {number(guard.bound)}"
    return f"the guardrail on {guard.metric} does not hold: {guard.rule}{seen}, {bound}"
