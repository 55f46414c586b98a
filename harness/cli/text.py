"""Tables and plans as text for the terminal. Knows nouns, not rooms."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from harness import figures, plugins, settings
from harness.outlook import Plan
from harness.types import Discovery, FailurePattern, Node, Outcome, Prompt, Summary

FEW = 6  # columns of a table that may be squeezed; with more of them words would be cut into pieces


def render(table: Table) -> str:
    """The table as text, as wide as the terminal, coloured only there."""
    console = Console()
    if not console.is_terminal:
        console = Console(file=io.StringIO(), width=120)
    with console.capture() as captured:
        for part in fitted(table, console, console.options):
            console.print(part)
    return captured.get().rstrip()


def fitted(table: Table, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
    """The table, or a list of its rows where it is too wide to be read: a word that is cut cannot be copied."""
    for column in table.columns:
        column.overflow = "fold"
    wide = Measurement.get(console, options.update(max_width=10_000), table).maximum > options.max_width
    if not wide or len(table.columns) < FEW:
        yield table
        return
    if table.title:
        yield f"[italic]{table.title}[/]"
    for n, row in enumerate(zip(*(column.cells for column in table.columns), strict=True)):
        if n and row[0]:  # a row that begins empty goes on with the one above
            yield ""
        record = Table.grid(padding=(0, 2))
        record.add_column(style="dim", no_wrap=True)
        record.add_column(overflow="fold")
        for column, cell in zip(table.columns, row, strict=True):
            if cell:
                record.add_row(*(text.plain if isinstance(text, Text) else text for text in (column.header, cell)))
        yield record


def grid(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain strings."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")  # a path that is cut cannot be copied
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return render(table)


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


def node_rows(found: Discovery) -> list[list[str]]:
    """One row per prompt of each node; nodes without any have one row too."""
    by_id = {p.id: p for p in found.prompts}
    rows = []
    for node in found.nodes:
        prompts = [by_id[key] for key in node.prompts if key in by_id]
        first = [node.name, place(node), "yes" if node.is_llm else "no", models(node) or node.why]
        if not prompts:
            rows.append([*first, "-", "-"])
        for index, prompt in enumerate(prompts):
            rows.append([*(first if index == 0 else [""] * 4), prompt_cell(prompt), proof_cell(prompt)])
    return rows


def place(node: Node) -> str:
    """Function and where it stands."""
    return f"{node.function or '?'} ({node.file}:{node.first_line}-{node.last_line})" if node.file else node.function


def models(node: Node) -> str:
    """Models of a node with their parameters."""
    return "; ".join(
        ":".join(p for p in (m.provider, m.id) if p) + "".join(f" {k}={v}" for k, v in m.parameters.items())
        for m in node.models
    )


def prompt_cell(prompt: Prompt) -> str:
    """Where a prompt stands, its kind and its variables."""
    role = f"{prompt.role} " if prompt.role else ""
    variables = f" with {', '.join(dict.fromkeys(prompt.variables))}" if prompt.variables else ""
    return f"{prompt.span.file}:{prompt.span.line} {role}{prompt.kind}{variables}"


def proof_cell(prompt: Prompt) -> str:
    """How sure it is that the text reaches the model, and why not."""
    return prompt.proof + (f": {prompt.reason}" if prompt.reason and prompt.proof != "proved" else "")


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


def plan_text(plan: Plan) -> str:
    """What a run would do and cost."""
    lines = [
        f"graph: {plan.entry}",
        f"cases: {plan.dev} dev, {plan.holdout} sealed holdout" if plan.holdout else f"cases: {plan.dev}, one stage",
        f"goals: {'; '.join(plan.goals)}",
        f"baseline: about {plan.baseline_calls} model calls, each candidate at most {plan.candidate_calls}",
        f"whole run: at most {plan.most_calls} model calls, without what is replayed",
        *estimates(plan),
        f"{'sealed holdout' if plan.holdout else 'cases'}: {plan.confirmations_left} of {plan.confirmations} "
        f"confirmations are left{'' if plan.confirmations_left else ': add or rotate cases'}",
        *(f"warning: {text}" for text in plan.warnings),
    ]
    targets = grid("Targets", ["Node", "Prompt", "Issues", "Priority of 15"], plan.targets)
    return "\n".join([*lines, targets, "nothing was called, nothing was committed"])
