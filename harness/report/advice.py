"""Outcome -> what to do next and what to be careful about, each sentence derived from its data. Knows no files."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from statistics import NormalDist

from markupsafe import Markup

from harness.figures import amount, count, difference, number, share
from harness.report.about import case_metric, unit_of
from harness.report.claims import kept
from harness.report.tables import interval
from harness.report.text import code, inline
from harness.types import Outcome, Parts, Result, Trial

FEW_CASES = 90  # fewer in all cannot be split into dev and a sealed holdout
FEWEST = 12  # fewer allow no claim
Z90 = 1.2816  # one-sided 90 % quantile of the normal law: what "met" asks for
POWER = 0.8  # chance of showing a gain that is real, in plans
MANY = 20  # times the cases at hand: a plan for more is no advice
FEW = 5  # dev cases named in a sentence
_REPLAYED = (
    "a kept change is measured by what its screen and its confirmation recorded, for the app repeats itself "
    "(temperature 0) and a fresh run would be equal. It was kept for these values, so they are a little high."
)
SLOW = 0.5  # share of the time of all nodes that is worth a word


def recommendations(outcome: Outcome) -> list[Markup]:
    """What to do next, most useful first."""
    return [
        *([_merge(outcome)] if kept(outcome) else []),
        *(_goal_advice(outcome, result) for result in outcome.results if result.state != "met"),
        *_case_advice(outcome),
        *_helpful_cases(outcome),
        *_app_advice(outcome),
    ] or [Markup("Nothing is left to do: every goal is met.")]


def _merge(outcome: Outcome) -> Markup:
    return Markup("Review the diff above and merge {}: {}.").format(
        count(len(kept(outcome)), "kept change"), code(f"git merge --ff-only {outcome.branch}")
    )


def _goal_advice(outcome: Outcome, result: Result) -> Markup:
    goal, final, unit = result.goal, result.final, unit_of(outcome, result.goal.metric)
    name = code(goal.metric)
    if final.mean is None or goal.target is None or result.state == "unknown":
        return Markup("{} could not be judged: too few values were scored. Look at the faults in the record.").format(
            name
        )
    gap = abs(final.mean - goal.target)
    if result.state == "missed":
        return Markup(
            "{} is short of its target by {} ({} instead of {}): propose something else for the nodes above."
        ).format(name, difference(gap, unit).lstrip("+"), amount(final.mean, unit), amount(goal.target, unit))
    needed = math.ceil((Z90 * final.std / gap) ** 2) if final.std and gap else 0
    more = f" About {needed:,} cases would show it, at the spread seen here." if needed > final.n else ""
    return Markup("{} is reached by its estimate, not yet met by its 90 % bound on {} cases ({}).{}").format(
        name, final.n, interval(final.low, final.high, unit), more
    )


def _case_advice(outcome: Outcome) -> list[Markup]:
    chosen, total = outcome.settings, outcome.dev + outcome.holdout
    confirmed = sum(t.decision is not None for t in outcome.trials)
    advice = []
    if not outcome.holdout:
        advice.append(f"Add cases: {total} are too few for a sealed holdout, {FEW_CASES} allow one.")
    elif confirmed >= chosen.max_iterations:
        advice.append("Add or rotate holdout cases: every confirmation that this holdout allows is spent.")
    elif chosen.alpha - outcome.alpha_spent > chosen.alpha / (2 * max(chosen.max_iterations, 1)):
        left = number(chosen.alpha - outcome.alpha_spent)
        advice.append(f"{left} of the error level is left on this holdout, before what earlier runs have spent.")
    return [inline(text) for text in advice]


def _helpful_cases(outcome: Outcome) -> list[Markup]:
    """Which cases would teach the most: more for a gain too small to see, and more of what still fails or got worse."""
    found = [_undecided(outcome, trial) for trial in outcome.trials if trial.stage == "confirmed"]
    advice = [sentence for sentence in found if sentence]
    if outcome.failures_left:
        worst = max(outcome.failures_left, key=lambda pattern: pattern.count)
        advice.append(
            Markup(
                "What still fails most often is {} ({}, such as {}): see that its cases are right, add more."
            ).format(inline(worst.name), count(worst.count, "run"), _named(worst.cases))
        )
    metric = case_metric(outcome)
    lower = any(goal.metric == metric and goal.direction == "lower" for goal in outcome.goals.goals)
    pairs = [(case, b - a) for case, a, b in outcome.dev_cases if a is not None and b is not None]
    worse = [case for case, change in pairs if (change > 0 if lower else change < 0)]
    if worse:
        advice.append(
            Markup("{} got worse in {}: {}. Read them before merging, and add cases like them.").format(
                count(len(worse), "dev case"), code(metric), _named(worse)
            )
        )
    return advice


def _undecided(outcome: Outcome, trial: Trial) -> Markup | None:
    """How many cases would show a gain that was seen but not proved; None where none was seen or too many were needed.

    n = ((z(1 - level) + z(power)) / d)^2, the usual plan for a one-sided paired comparison with Cohen's d.
    """
    decided = trial.decision
    if decided is None or not decided.comparison.effect or decided.comparison.effect <= 0:
        return None
    found, law = decided.comparison, NormalDist()
    needed = math.ceil(((law.inv_cdf(1 - decided.alpha) + law.inv_cdf(POWER)) / decided.comparison.effect) ** 2)
    if not found.n < needed <= MANY * found.n:
        return None
    which = "holdout cases" if outcome.holdout else "cases"
    return Markup(
        "{} ({} at {}) looked {} better: if that is real, about {:,} {} instead of {:,} would show it."
    ).format(
        code(trial.change.id),
        inline(trial.change.technique),
        code(trial.change.node),
        difference(found.gain, unit_of(outcome, found.metric)).lstrip("+"),
        needed,
        which,
        found.n,
    )


def _named(cases: Sequence[str]) -> Markup:
    """The first few dev cases."""
    return Markup(", ").join(code(case) for case in cases[:FEW]) + (" ..." if cases[FEW:] else "")


def _has_words(parts: Parts) -> bool:
    """Whether there is a text to edit: "{question}" alone has none, and no run can prove it."""
    return any(isinstance(part, str) and re.search(r"\w", part) for part in parts)


def _app_advice(outcome: Outcome) -> list[Markup]:
    advice = []
    unproved = sum(not p.is_editable and _has_words(p.parts) for p in outcome.discovery.prompts)
    if unproved:
        advice.append(
            Markup("{} not proved to reach a model and so not edited: see {}.").format(
                "1 prompt was" if unproved == 1 else f"{unproved} prompts were", code("harness nodes")
            )
        )
    slow = [cost for cost in outcome.costs_after if cost.share > SLOW] if len(outcome.costs_after) > 1 else []
    advice += [
        Markup("{} takes {} of the time: start there for latency.").format(code(c.node), share(c.share)) for c in slow
    ]
    if outcome.spend.usd is None:
        advice.append(
            Markup("Some calls have no price: name their models under {} to see what they cost.").format(code("prices"))
        )
    return advice


def _test(outcome: Outcome) -> str:
    """By which the goal was decided."""
    if outcome.total is not None and outcome.total.method.endswith("swap of arms"):
        return "one-sided, arms of a case swapped, the statistic of all cases taken anew"
    return "one-sided paired sign-flip test"


def limits(outcome: Outcome) -> list[Markup]:
    """How to read the numbers, and where they end."""
    chosen, total = outcome.settings, outcome.dev + outcome.holdout
    advice = [
        f"A case is the unit: its value is the mean over {count(chosen.runs, 'run')}. Intervals speak of cases like "
        "these, this model and these settings.",
        f"p is the chance of a gain at least this large if the change made no difference ({_test(outcome)}). Over the "
        f"whole run the chance of keeping such a change is at most {number(chosen.alpha)}.",
        "A goal is met when the one-sided 90 % bound of its mean clears the target, reached when only the mean does.",
        "Initial and final values are no part of the decisions: "
        + (_REPLAYED if outcome.replayed else "after a kept change everything was drawn afresh."),
    ]
    if total < FEWEST:
        advice.append(f"{count(total, 'case')} are too few for any claim; read this as an observation.")
    if not outcome.holdout:
        advice.append(
            "Overfitting to the cases is not controlled: the cases that decided are those that proposals saw."
        )
    elif not chosen.holdout:
        advice.append(
            "The holdout is sealed by convention: its cases lie in the repository. A path outside makes it a lock."
        )
    else:
        advice.append("The holdout lies outside the repository; nothing that proposed a change could read it.")
    return [*(inline(text) for text in advice), *(inline(note) for note in outcome.notes)]
