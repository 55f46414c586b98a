"""Outcome -> the tables of a report. Knows which columns a reader needs; nothing of sentences, sections or files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from harness.figures import NONE, amount, between, chance, count, difference, number, relative, share, wanted
from harness.report.about import case_metric, unit_of
from harness.report.text import code, inline, table
from harness.types import Comparison, Goal, NodeCost, Outcome, Result, Summary, Trial

PATTERNS = 12  # failure patterns shown in full


def goals(outcome: Outcome) -> Markup:
    """Goals as read."""
    rows = [
        [code(g.metric), wanted(g, unit_of(outcome, g.metric)), inline(g.text or NONE), code(g.where)]
        for g in outcome.goals.goals
    ]
    return table(["Metric", "Target", "As written", "Where"], rows)


def environment(outcome: Outcome) -> Markup:
    """What the run worked with."""
    chosen = outcome.settings
    uses = dict.fromkeys(f"{m.provider}:{m.id}" for n in outcome.discovery.nodes for m in n.models if m.id)
    sets = f"{outcome.dev} dev, {outcome.holdout} sealed holdout" if outcome.holdout else f"{outcome.dev}, one stage"
    rows: list[tuple[str, Markup | str]] = [
        ("Evaluation command" if chosen.external else "Graph", code(outcome.discovery.graph)),
        ("Models named in the source", Markup(", ").join(code(use) for use in uses) or "none named statically"),
        ("Commit tuned", code(outcome.base[:12])),
        ("Cases", sets),
        ("Digest of the holdout", code(outcome.digest[:16]) if outcome.holdout else NONE),
        ("Runs per case", str(chosen.runs)),
        ("Error level of the whole run", f"{number(chosen.alpha)}, over at most {chosen.max_iterations} confirmations"),
        ("Margin of guardrails", share(chosen.margin)),
        ("Seed", str(chosen.seed)),
        ("harness", outcome.harness_version),
    ]
    return table(["What", "Value"], rows)


def targets(outcome: Outcome) -> Markup:
    """The priority matrix."""
    columns = ["Node", "Prompt", "Role", "Issues", "Impact", "Feasibility", "Cheapness", "Of 15", "Why"]
    rows = [
        [
            code(t.node),
            code(t.prompt),
            inline(t.role),
            inline("; ".join(t.issues) or NONE),
            str(t.impact),
            str(t.feasibility),
            str(t.cheapness),
            str(t.total),
            inline(t.why),
        ]
        for t in outcome.targets
    ]
    return table(columns, rows, "llllrrrrl")


def ideas(outcome: Outcome) -> Markup:
    """What could mend each issue of the targets, with the technique, its stars and their reason; "" without any."""
    nodes: dict[tuple[str, str], dict[str, None]] = {}
    for target in outcome.targets:
        for pair in zip(target.issues, target.ideas, strict=False):
            nodes.setdefault(pair, {})[target.node] = None
    rows = [
        [Markup(", ").join(map(code, names)), inline(issue), inline(idea, clip=400)]
        for (issue, idea), names in nodes.items()
    ]
    return table(["Nodes", "Issue", "Idea, and what is expected of its technique"], rows) if rows else Markup("")


def baseline(outcome: Outcome) -> Markup:
    """Every metric of the app as found."""
    columns = ["Metric", "Mean", "95 % interval", "Std over cases", "Median", "Least", "Most", "Cases", "Target", "Gap"]
    by_metric = {goal.metric: goal for goal in outcome.goals.goals}
    rows = [_baseline_row(s, unit_of(outcome, s.metric), by_metric.get(s.metric)) for s in outcome.baseline]
    return table(columns, rows, "lrrrrrrrrr")


def _baseline_row(found: Summary, unit: str | None, goal: Goal | None) -> list[Markup | str]:
    limit = goal.target if goal else None
    gap = difference(limit - found.mean, unit) if limit is not None and found.mean is not None else NONE
    unscored = f" (and {found.unscored} unscored)" if found.unscored else ""
    values = [amount(v, unit) for v in (found.std, found.median, found.minimum, found.maximum)]
    within = interval(found.low, found.high, unit)
    goal_text = wanted(goal, unit) if goal else NONE
    return [code(found.metric), amount(found.mean, unit), within, *values, f"{found.n}{unscored}", goal_text, gap]


def interval(low: float | None, high: float | None, unit: str | None) -> str:
    """ "58.1 % to 64.0 %"."""
    return NONE if low is None or high is None else f"{amount(low, unit)} to {amount(high, unit)}"


def failures(outcome: Outcome) -> Markup:
    """Failure patterns of the dev cases, commonest first; what is beyond ``PATTERNS`` is only counted."""
    ranked = sorted(outcome.failures, key=lambda f: -f.count)
    rows = [
        [
            inline(f.name),
            str(f.count),
            Markup(", ").join(code(c) for c in f.cases[:5]) + (" ..." if f.cases[5:] else ""),
        ]
        for f in ranked[:PATTERNS]
    ]
    if ranked[PATTERNS:]:
        runs = sum(f.count for f in ranked[PATTERNS:])
        rows.append([count(len(ranked) - PATTERNS, "rarer pattern"), str(runs), NONE])
    return table(["Pattern", "Runs", "Dev cases"], rows, "lrl")


def results(outcome: Outcome) -> Markup:
    """Goals at the start and at the end."""
    columns = ["Metric", "Initial", "Final", "Improvement", "%", "Target", "Achievement", "Goal"]
    return table(columns, [_result_row(r, unit_of(outcome, r.goal.metric)) for r in outcome.results], "lrrrrrrl")


def _result_row(result: Result, unit: str | None) -> list[Markup | str]:
    old, new = result.initial.mean, result.final.mean
    change = difference(new - old, unit) if old is not None and new is not None else NONE
    marks = [
        amount(old, unit),
        amount(new, unit),
        change,
        relative(old, new),
        wanted(result.goal, unit),
        share(result.achievement),
    ]
    return [code(result.goal.metric), *marks, result.state]


def decision(outcome: Outcome, trial: Trial) -> Markup:
    """Target and guardrails of one confirmation."""
    if trial.decision is None:
        return Markup("")
    found = trial.decision.comparison
    unit = unit_of(outcome, found.metric)
    held = "improved" if trial.decision.verdict == "keep" else "not shown to improve"
    first = [code(found.metric), amount(found.before, unit), amount(found.after, unit), gain(found, unit), held]
    rows = [first]
    for g in trial.decision.guards:
        values = [amount(v, unit_of(outcome, g.metric)) for v in (g.before, g.after)]
        rows.append([code(g.metric), *values, inline(g.rule), "holds" if g.holds else "does not hold"])
    return table(["Metric", "Before", "After", "Gain or rule", "Outcome"], rows, "lrrll")


def gain(found: Comparison, unit: str | None) -> str:
    """ "+8.3 points (95 % interval +3.0 to +13.1 points), p = 0.002"."""
    if found.gain is None or found.p is None:
        return "nothing to compare"
    return f"{difference(found.gain, unit)} (95 % interval {between(found.low, found.high, unit)}), {chance(found.p)}"


def rejected(trials: Sequence[Trial]) -> Markup:
    """Candidates that were not kept, each with its reason."""
    rows = [
        [code(t.change.id), code(t.change.node), inline(t.change.technique), code(t.change.proposer), *_end(t)]
        for t in trials
    ]
    return table(["Id", "Node", "Technique", "By", "Ended as", "Reason"], rows)


def _end(trial: Trial) -> list[Markup]:
    return [inline(trial.end), inline(trial.words)]


def yields(outcome: Outcome) -> Markup:
    """What came of each proposer's ideas and what they took, the best first; "" where only one was heard."""
    if not outcome.yields:
        return Markup("")
    columns = [
        "Proposer",
        "Tried",
        "Refused",
        "Through dev",
        "Kept",
        "Gain kept",
        "Its calls",
        "Dev calls",
        "Of use per 1,000 calls",
    ]
    unit = unit_of(outcome, case_metric(outcome))
    ranked = sorted(outcome.yields, key=lambda one: (-one.worth / max(one.calls, 1), one.proposer))
    rows = [
        [
            code(one.proposer), str(one.tried), str(one.refused), str(one.passed), str(one.kept),
            difference(one.gain, unit) if one.kept else NONE, f"{one.asked:,}", f"{one.measured:,}",
            number(1000 * one.worth / one.calls) if one.calls else NONE,
        ]
        for one in ranked
    ]  # fmt: skip
    words = (
        "Tried = measured on dev. Refused = broke a rule before it could be measured. Through dev = passed the screen. "
        "Gain kept = sum of the gains of its kept ones. Its calls = model calls of the proposer itself, dev calls "
        "= those in the dev runs of its candidates. Of use: a kept candidate counts 1, one that only passed the screen "
        "0.5. By the last column, earlier runs counted too, the proposers took turns."
    )
    if any(one.proposer == "builtin" for one in ranked):
        words += " The techniques of `builtin` share one turn; under *By* each has its own name."
    return table(columns, rows, "lrrrrrrrr") + Markup("\n\n") + words


def cases(outcome: Outcome) -> Markup:
    """Dev cases before and after."""
    unit = unit_of(outcome, case_metric(outcome))
    rows = []
    for case, before, after in outcome.dev_cases:
        change = difference(after - before, unit) if before is not None and after is not None else NONE
        rows.append([code(case), amount(before, unit), amount(after, unit), change])
    return table(["Dev case", "Before", "After", "Change"], rows, "lrrr")


def costs(outcome: Outcome) -> Markup:
    """Latency and cost by node, before and after, per case."""
    before, after = ({c.node: c for c in costs} for costs in (outcome.costs_before, outcome.costs_after))
    columns = ["Node", "Calls", "Seconds", "Tokens", "USD", "Share of time"]
    rows = [_cost_row(node, before.get(node), after.get(node)) for node in dict.fromkeys([*before, *after])]
    return table(columns, rows, "lrrrrr")


def _cost_row(node: str, old: NodeCost | None, new: NodeCost | None) -> list[Markup | str]:
    def pair(field: str) -> str:
        values = (None if cost is None else getattr(cost, field) for cost in (old, new))
        written = [NONE if v is None else share(v) if field == "share" else number(v) for v in values]
        return written[0] if written[0] == written[1] else " → ".join(written)

    return [code(node), *(pair(name) for name in ("calls", "seconds", "tokens", "usd", "share"))]


def ends(trials: Sequence[Trial]) -> str:
    """ "1 kept, 2 rejected on the holdout, 5 futile"."""
    counted = Counter(t.end for t in trials)
    return ", ".join(f"{number_of} {end}" for end, number_of in counted.items()) or count(0, "candidate")
