"""Tables and plans as text for the terminal. Knows nouns, not rooms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from harness import figures, plugins, settings
from harness.cli.tables import grid
from harness.outlook import Plan
from harness.types import FailurePattern, Outcome, Summary


@cache
def unit(metric: str) -> str | None:
    """UNIT of a metric that can be named here, None of one that cannot."""
    chosen, _ = settings.read(Path.cwd(), {})
    known, _ = plugins.survey(chosen, Path.cwd())
    return known[metric].UNIT if metric in known else None


def value(metric: str, number: float | None) -> str:
    """A metric's value with its unit; "-" for none."""
    return figures.amount(number, unit(metric))


def summary_rows(rows: Sequence[Summary]) -> list[list[str]]:
    """Metric, mean, interval, spread, cases."""
    return [
        [
            s.metric,
            value(s.metric, s.mean),
            f"{value(s.metric, s.low)} .. {value(s.metric, s.high)}" if s.low is not None else figures.NONE,
            value(s.metric, s.std),
            value(s.metric, s.median),
            f"{s.n}" + (f" (+{s.unscored} unscored)" if s.unscored else ""),
        ]
        for s in rows
    ]


def baseline_table(rows: Sequence[Summary], failures: Sequence[FailurePattern]) -> str:
    """The baseline by metric, and what fails."""
    columns = ["Metric", "Mean", "95 % interval", "Std over cases", "Median", "Cases"]
    table = grid("Baseline", columns, summary_rows(rows))
    if not failures:
        return table
    lines = [
        [f.name, str(f.count), ", ".join(f.cases[:4]) + (" ..." if len(f.cases) > 4 else "")] for f in failures[:10]
    ]
    return table + "\n" + grid("Failures on dev cases", ["Pattern", "Runs", "Cases"], lines)


def result_table(outcome: Outcome) -> str:
    """Goals at the start and at the end, then every trial."""
    rows = [
        [
            r.goal.metric,
            value(r.goal.metric, r.initial.mean),
            value(r.goal.metric, r.final.mean),
            value(r.goal.metric, r.goal.target),
            figures.share(r.achievement),
            r.state,
        ]
        for r in outcome.results
    ]
    goals = grid(f"Run {outcome.run_id}", ["Goal", "Initial", "Final", "Target", "Achievement", "State"], rows)
    tried = [[t.change.id, t.change.node, t.change.technique, t.end, t.words] for t in outcome.trials]
    trials = grid("Tried", ["Id", "Node", "Technique", "End", "Why"], tried) if tried else "No change was tried."
    return f"{goals}\n{trials}\nstopped: {outcome.stopped}"


def estimates(plan: Plan) -> Iterator[str]:
    """Time and money, each as it is known or with what would make it known."""
    if plan.pace is None:
        yield "time and money: not known until a baseline has been measured here: `harness baseline`"
        return
    times = [figures.duration(plan.seconds(runs) or 0.0) for runs in (plan.baseline_runs, plan.most_runs)]
    basis = f"{figures.amount(plan.pace.seconds, 's')} a case in run {plan.pace.run}, {plan.concurrency} in flight"
    yield f"time: baseline about {times[0]}, whole run at most about {times[1]} ({basis})"
    money = [plan.usd(runs) for runs in (plan.baseline_runs, plan.most_runs)]
    if None in money:
        yield f"money: not known: some calls of run {plan.pace.run} have no price in [tool.harness.prices]"
    else:
        low, high = (figures.amount(usd, "USD") for usd in money)
        yield f"money: baseline about {low}, whole run at most about {high}"


def allowance(left: int, of: int) -> str:
    """How often the deciding cases may still be asked."""
    return f"{left} of {of} confirmations are left{'' if left else ': add or rotate cases'}"


def plan_text(plan: Plan) -> str:
    """What a run would do and cost."""
    external = plan.spends != "model calls"
    lines = [
        f"{'command' if external else 'graph'}: {plan.entry}",
        f"cases: {plan.dev} dev, {plan.holdout} sealed holdout" if plan.holdout else f"cases: {plan.dev}, one stage",
        f"goals: {'; '.join(plan.goals)}",
        f"baseline: about {plan.baseline_calls:,} {plan.spends}, each candidate at most {plan.candidate_calls:,}",
        f"whole run: at most {plan.most_calls:,} {plan.spends}{'' if external else ', without what is replayed'}",
        *estimates(plan),
        f"{'sealed holdout' if plan.holdout else 'cases'}: {allowance(plan.confirmations_left, plan.confirmations)}",
        *(f"warning: {text}" for text in plan.warnings),
    ]
    targets = grid("Targets", ["Node", "Prompt", "Issues", "Priority of 15"], plan.targets)
    return "\n".join([*lines, targets, "nothing was called, nothing was committed"])
