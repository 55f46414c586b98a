"""Outcome -> Markdown, and a kept trial -> the message of its commit. Pure: knows no files, no git, no clock.

Nothing of single holdout cases can be said here, because an Outcome holds none.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from harness.figures import count, duration, number
from harness.report import about, advice, claims, failing, judges, tables, whole
from harness.report.charts import charts
from harness.report.text import code, fenced, folded, image, inline, line, listed, split_diff, table, text_diff
from harness.types import Outcome, Trial, confirmations

SUBJECT = 72  # characters of a commit's first line

__all__ = ["commit_message", "files", "render"]


PICTURES = {  # what is read out where a picture cannot be seen
    "progress": "Each goal over the iterations, with its target",
    "gains": "Gain of each confirmation with its 95 % interval",
    "frontier": "Versions and candidates in the first two goals, and which of them none betters in both",
    "cases": "Cases that improved, stayed as they were and got worse",
    "nodes": "Seconds, tokens and money by node, before and after",
}


def files(outcome: Outcome) -> dict[str, str]:
    """The report and the pictures that it shows, by name of the file."""
    return {"report.md": render(outcome)} | {f"{name}.svg": picture for name, picture in charts(outcome).items()}


def render(outcome: Outcome) -> str:
    """The whole report as GitHub Markdown, ending in a new line."""
    shown = frozenset(charts(outcome))
    text = _template().render(
        o=outcome,
        iterations=list(_iterations(outcome)),
        files=split_diff(outcome.diff),
        pictures={name: image(words, f"{name}.svg") if name in shown else "" for name, words in PICTURES.items()},
    )
    return text.rstrip("\n") + "\n"


def commit_message(trial: Trial, report_path: str) -> str:
    """``feat(<node>): <technique>``, why, old -> new with interval and p, the guardrails, and where the report lies."""
    subject = f"feat({line(trial.change.node)}): {line(trial.change.technique)}"
    body = [line(trial.change.why)]
    if len(trial.change.nodes) > 1:
        body.append(line(f"Shared by several nodes: this changes {trial.change.reach}."))
    if trial.decision is not None:
        found = trial.decision.comparison
        if found.before is not None and found.after is not None:
            body.append(f"{line(found.metric)} {number(found.before)} -> {number(found.after)}")
        body.append(line(trial.decision.words))
        body += [f"Guardrail {line(g.metric)}: {line(g.rule)}, holds." for g in trial.decision.guards if g.holds]
    wrapped = [textwrap.fill(paragraph, SUBJECT) for paragraph in body if paragraph]
    short = subject if len(subject) <= SUBJECT else subject[: SUBJECT - 3].rstrip() + "..."
    return "\n\n".join([short, *wrapped, f"Report: {line(report_path)}"]) + "\n"


@cache
def _template() -> Template:
    """Strings that no helper has made safe are escaped as HTML; a name that is missing is an error."""
    env = Environment(
        loader=PackageLoader("harness", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.globals |= {
        "about": about,
        "advice": advice,
        "claims": claims,
        "failing": failing,
        "judges": judges,
        "tables": tables,
        "whole": whole,
        "facts": _facts,
        "change": _change,
        "ended": _ended,
    }
    env.globals |= {"code": code, "fenced": fenced, "folded": folded, "listed": listed, "overview": _overview}
    env.globals |= {"inline": inline}
    env.filters["inline"] = inline
    return env.get_template("report.md.jinja")


def _iterations(outcome: Outcome) -> Iterator[tuple[int, Trial | None, list[Trial]]]:
    """(iteration, what it confirmed, what else ended in it); one entry per confirmation."""
    for number_of in sorted({trial.iteration for trial in outcome.trials}):
        trials = [trial for trial in outcome.trials if trial.iteration == number_of]
        others = [trial for trial in trials if trial.decision is None]
        confirmed = confirmations(trials)
        yield number_of, confirmed[0] if confirmed else None, others
        yield from ((number_of, trial, []) for trial in confirmed[1:])


def _overview(outcome: Outcome) -> Markup:
    """What the run tried and used."""
    spend = outcome.spend
    money = "unknown, some calls have no price" if spend.usd is None else f"{number(spend.usd)} USD"
    phases = ", ".join(f"{name} {duration(seconds)}" for name, seconds in outcome.phases.items())
    rows: list[tuple[str, Markup | str]] = [
        ("Iterations", str(len({t.iteration for t in outcome.trials if t.decision is not None}))),
        ("Candidates", f"{len(outcome.trials)}: {tables.ends(outcome.trials)}" if outcome.trials else "0"),
        _made(outcome),
        ("Tokens", f"{spend.tokens_in:,} in, {spend.tokens_out:,} out"),
        ("Money", money),
        ("Time", duration(spend.seconds) + (f" ({phases})" if phases else "")),
    ]
    return table(["What", "Value"], rows)


def _made(outcome: Outcome) -> tuple[str, str]:
    """What a budget of calls counts, and how many."""
    spend = outcome.spend
    if outcome.settings.external:
        return "Cases evaluated", f"{spend.calls:,} by the command; its model calls are not seen"
    return "Model calls", f"{spend.calls:,} made, {spend.replayed:,} replayed from the record"


def _facts(outcome: Outcome, trial: Trial) -> list[Markup]:
    """Where, what, why, result and learning of one confirmation."""
    change = trial.change
    lines = f"{change.span.line}" + (f"-{change.span.end_line}" if change.span.end_line > change.span.line else "")
    also = [node for node in change.nodes if node != change.node]
    feeds = Markup(", which also feeds ") + Markup(", ").join(code(node) for node in also) if also else ""
    parts = ", ".join(change.parents)
    built = [Markup("Built on {}: each was measured on dev, here all are confirmed together").format(code(parts))]
    return [
        Markup("Node: {} at {}{}").format(code(change.node), code(f"{change.span.file}:{lines}"), feeds),
        Markup("Technique: {} ({}, by {})").format(inline(change.technique), code(change.id), code(change.proposer)),
        *(built if parts else []),
        Markup("Why: {}").format(inline(change.why)),
        Markup("Result: {}").format(inline(trial.decision.words if trial.decision else trial.words)),
        Markup("Learned: {}").format(claims.learned(outcome, trial)),
    ]


def _change(trial: Trial) -> Markup:
    """The text before and after, or the diff of a change that a user gave."""
    old, new = trial.change.texts
    if trial.change.revision:
        return folded("The change", fenced(new, "diff"))
    lines = count(len(new.splitlines()), "line")
    return folded(f"The change ({lines} now)", fenced(text_diff(old, new), "diff"))


def _ended(confirmed: Trial | None, others: Sequence[Trial]) -> str:
    """When an iteration ended, behind its heading: ", 2026-01-01 12:03 UTC"."""
    last = max((trial.at for trial in (*others, *([confirmed] if confirmed else []))), default="")
    return f", {last[:10]} {last[11:16]} UTC" if last else ""
