"""Outcome -> what a run may claim, what it learned and how it ended, each sentence derived from its data.

The claim is the gain on the deciding cases, never the gain on dev that made a candidate win. Knows no tables or files.
"""

from __future__ import annotations

from markupsafe import Markup

from harness.figures import amount, between, chance, count, difference, evidence, number, size, wanted
from harness.report.about import case_metric, unit_of
from harness.report.text import code, inline
from harness.types import Comparison, Decision, Outcome, Trial, confirmations, kept_trials


def headline(outcome: Outcome) -> str:
    """ "2 of 3 goals met or reached (1 met, 1 reached, 1 missed)"."""
    states = [result.state for result in outcome.results]
    good = sum(state in ("met", "reached") for state in states)
    parts = ", ".join(f"{states.count(s)} {s}" for s in ("met", "reached", "missed", "unknown") if s in states)
    return f"{good} of {len(states)} goals met or reached" + (f" ({parts})" if parts else "")


def kept(outcome: Outcome) -> list[Trial]:
    """Trials whose change is on the branch."""
    return list(kept_trials(outcome.trials))


def claim(outcome: Outcome) -> Markup:
    """What the run claims: the gain on the deciding cases with all that it rests on."""
    if not kept(outcome):
        return Markup("No change was kept: none showed an improvement that the cases can vouch for.")
    found = outcome.total
    if found is None or found.gain is None:
        return Markup("The kept changes could not be compared with the app as found.")
    unit = unit_of(outcome, found.metric)
    which = "sealed holdout cases" if outcome.holdout else "cases"
    return Markup(
        "{} on {} {} went from {} to {}: {} ({}), {}. {} improved, {} stayed as they were, {} got worse."
    ).format(
        code(found.metric),
        found.n,
        which,
        amount(found.before, unit),
        amount(found.after, unit),
        difference(found.gain, unit),
        f"95 % interval {between(found.low, found.high, unit)}",
        size(found.effect),
        *outcome.counts,
    )


def evidence_spent(outcome: Outcome) -> Markup:
    """Confirmations, their p values, alpha spent and candidates tried."""
    confirmed = [t.decision for t in confirmations(outcome.trials) if t.decision is not None]
    proofs = [_proof(t.decision) for t in kept(outcome) if t.decision and t.decision.comparison.p is not None]
    levels = list(dict.fromkeys(number(decision.alpha) for decision in confirmed))
    level = f" at level {_series(levels)}" if levels else ""
    proven = "The kept change was" if len(proofs) == 1 else "The kept changes were"
    proof = f" {proven} confirmed with {_series(proofs)}." if proofs else ""
    return inline(
        f"{count(len(outcome.trials), 'candidate')} tried, {count(len(confirmed), 'confirmation')}{level}; "
        f"{number(outcome.alpha_spent)} of the error level {number(outcome.settings.alpha)} of the run is used up. "
        f"What a kept change was offered is free again.{proof}",
        clip=2000,
    )


def _series(parts: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _proof(decision: Decision) -> str:
    """ "p = 0.002 at look 2 of 3"."""
    looks = f"look {len(decision.looks)} of {decision.planned}" if decision.planned > 1 else "one look"
    return f"{chance(decision.comparison.p)} at {looks}" if decision.comparison.p is not None else looks


def learned(outcome: Outcome, trial: Trial) -> Markup:
    """What one confirmation taught."""
    if trial.decision is None:
        return Markup("")
    found, unit = trial.decision.comparison, unit_of(outcome, trial.decision.comparison.metric)
    screen = trial.screen.gain if trial.screen else None
    aside = (
        ""
        if screen is None or not outcome.holdout
        else f" On dev it had looked like {difference(screen, unit)}; only unseen cases count."
    )
    node, technique = code(trial.change.node), inline(trial.change.technique)
    if trial.decision.verdict == "keep":
        return Markup("{} at {} helps: {}, {}.").format(technique, node, _strength(found), _moved(found)) + aside
    if trial.decision.verdict == "no verdict":
        return Markup("Nothing about {} at {}: the measurement did not allow a verdict.").format(technique, node)
    broken = [g.metric for g in trial.decision.guards if not g.holds]
    if broken and found.p is not None and found.p <= trial.decision.alpha:
        return Markup("{} at {} helps its target and costs too much elsewhere: {}.").format(
            technique, node, Markup(", ").join(code(m) for m in broken)
        )
    return (
        Markup("{} at {} does not help enough to be told from chance: {}.").format(technique, node, _moved(found))
        + aside
    )


def _strength(found: Comparison) -> str:
    return f"{evidence(found.p) if found.p is not None else 'no evidence'}, {size(found.effect)}"


def _moved(found: Comparison) -> str:
    return f"{found.improved} cases improved, {found.kept} unchanged, {found.worse} worse"


def conclusion(outcome: Outcome) -> Markup:
    """The end in two or three sentences."""
    changes, found = kept(outcome), outcome.total
    first = f"The run ended with {headline(outcome)} and {count(len(changes), 'kept change')}."
    if not changes or found is None or found.gain is None:
        middle = Markup("The app stays as it was.") if not changes else Markup("Their joint gain is unknown.")
    else:
        where = "On cases that no proposal saw" if outcome.holdout else "On the cases that proposals saw as well"
        moved = difference(found.gain, unit_of(outcome, found.metric))
        middle = Markup("{}, the gain in {} is {}.").format(where, code(case_metric(outcome)), moved)
    return Markup("{} {} It stopped because {}.").format(first, middle, inline(outcome.stopped))


def goal_lines(outcome: Outcome) -> list[Markup]:
    """One line per goal: from, to, target, state."""
    lines = []
    for r in outcome.results:
        unit = unit_of(outcome, r.goal.metric)
        old, new = amount(r.initial.mean, unit), amount(r.final.mean, unit)
        lines.append(
            Markup("{}: {} → {}, target {}: **{}**").format(
                code(r.goal.metric), old, new, wanted(r.goal, unit), r.state
            )
        )
    return lines
