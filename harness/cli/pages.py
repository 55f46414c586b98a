"""What ``show`` says of a run and of a candidate, as text. Knows nouns, opens nothing and prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from harness import figures
from harness.cli.tables import grid
from harness.cli.text import unit, value
from harness.history import History
from harness.report.text import text_diff
from harness.types import Change, Comparison, Json, Spend, Summary, Trial, confirmations

# ---- a run ---------------------------------------------------------------------------------------------------------


def run(past: History) -> str:
    """The run on one page: how it stands, goals, decisions, candidates, spend, and what to do next."""
    when = past.info.started[:19].replace("T", " ")
    parts = [
        f"run     {past.info.id}: {past.info.status}" + (f", {past.stopped}" if past.stopped else ""),
        f"began   {when} UTC on commit {past.base[:12] or '?'}",
        f"spent   {spending(past.spend)}",
        *(f"warning {text}" for text in past.warnings),
    ]
    if past.goals:
        parts.append(grid("Goals", ["Goal", "Target", "As found", "Now", "State"], goal_rows(past)))
    decided = confirmations(past.trials)
    if decided:
        columns = ["#", "Id", "Verdict", "Metric", "Gain (95 % interval)", "p", "Better, same, worse"]
        parts.append(grid("Decisions", columns, map(decision_row, decided)))
    tried = [candidate_row(t.change, t.end, "see Decisions" if t.decision else t.words) for t in past.trials]
    tried += [candidate_row(change, "waiting", change.why) for change in past.waiting]
    parts.append(grid("Candidates", ["Id", "Node", "Technique", "End", "Why"], tried) if tried else "no change tried")
    return "\n".join([*parts, *further(past, [row[0] for row in tried])])


def goal_rows(past: History) -> Iterator[list[str]]:
    """Goals as found and as they stand."""
    for row in past.goals:
        target = figures.wanted(row.goal, unit(row.goal.metric))
        yield [row.goal.metric, target, *(mean(row.goal.metric, s) for s in (row.before, row.now)), row.state or "-"]


def mean(metric: str, found: Summary | None) -> str:
    """A measured mean with its unit, "-" for none."""
    return value(metric, found.mean if found else None)


def candidate_row(change: Change, stage: str, why: str) -> list[str]:
    """One candidate and where it ended."""
    return [change.id, change.node, change.technique, stage, why]


def decision_row(trial: Trial) -> list[str]:
    """One confirmation."""
    if trial.decision is None:
        return []
    found = trial.decision.comparison
    return [str(trial.iteration), trial.change.id, trial.decision.verdict, found.metric, *moved(found)]


def moved(found: Comparison) -> list[str]:
    """Gain with its interval, p, and the units that moved."""
    scale = unit(found.metric)
    interval = figures.between(found.low, found.high, scale)
    gain = f"{figures.difference(found.gain, scale)} ({interval})" if found.gain is not None else figures.NONE
    p = figures.NONE if found.p is None else figures.chance(found.p).removeprefix("p ").removeprefix("= ")
    return [gain, p, f"{found.improved}, {found.kept}, {found.worse}"]


def spending(spend: Spend) -> str:
    """Calls, tokens, money and time in one line."""
    money = "unpriced" if spend.usd is None else f"{figures.number(spend.usd)} USD"
    took = f", {figures.duration(spend.seconds)}" if spend.seconds else ""
    return (
        f"{figures.count(spend.calls, 'model call')} made, {spend.replayed:,} replayed; "
        f"{spend.tokens_in:,} tokens in, {spend.tokens_out:,} out; {money}{took}"
    )


def further(past: History, ids: Sequence[str]) -> Iterator[str]:
    """The commands that go on from here."""
    name = past.info.id
    if past.info.status == "interrupted":
        yield f"go on   harness resume {name}"
    if ids:
        yield f"look    harness show {name} --candidate {ids[0]}; harness show {name} --case ID"
    if past.info.status == "finished":
        yield f"read    harness report {name}"
        if any(trial.stage == "kept" for trial in past.trials):
            yield f"take    harness diff {name}; git merge --ff-only harness/{name}"


def run_data(past: History) -> dict[str, Json]:
    """The same as data, without the texts of the candidates."""
    return {
        "run": past.info.id,
        "status": past.info.status,
        "stopped": past.stopped,
        "started": past.info.started,
        "base": past.base,
        "branch": f"harness/{past.info.id}",
        "goals": [asdict(row) for row in past.goals],
        "candidates": [
            {
                "id": trial.change.id,
                "iteration": trial.iteration,
                "node": trial.change.node,
                "technique": trial.change.technique,
                "stage": trial.stage,
                "words": trial.words,
                "screen": asdict(trial.screen) if trial.screen else None,
                "decision": asdict(trial.decision) if trial.decision else None,
            }
            for trial in past.trials
        ],
        "waiting": [change.id for change in past.waiting],
        "spend": asdict(past.spend),
        "phases": dict(past.phases),
        "warnings": past.warnings,
    }


# ---- a candidate ---------------------------------------------------------------------------------------------------


def candidate(past: History, tried: Trial | Change) -> str:
    """One candidate: what it changes where, how it did, and why it ended as it did."""
    change = tried.change if isinstance(tried, Trial) else tried
    stage, words = (tried.end, tried.words) if isinstance(tried, Trial) else ("waiting", "it has not been measured yet")
    lines = [
        f"{change.id} of run {past.info.id}: {stage}",
        f"where   {change.prompt} at {change.span.file}:{change.span.line}, changes {change.reach}",
        f"what    {change.technique}, by {change.proposer}",
        f"why     {change.why}",
        f"end     {words}",
    ]
    if isinstance(tried, Trial):
        found = [("dev", tried.screen), ("decision", tried.decision.comparison if tried.decision else None)]
        rows = [
            [name, str(c.n), value(c.metric, c.before), value(c.metric, c.after), *moved(c)] for name, c in found if c
        ]
        columns = ["On", "Cases", "Before", "After", "Gain (95 % interval)", "p", "Better, same, worse"]
        lines += [grid("Compared", columns, rows)] if rows else []
        for guard in tried.decision.guards if tried.decision else ():
            held = "holds" if guard.holds else "does not hold"
            ends = f"{value(guard.metric, guard.before)} to {value(guard.metric, guard.after)}"
            lines.append(f"guard   {guard.metric} {held}: {guard.rule} ({ends})")
    return "\n".join([*lines, "", text_diff(*change.texts) or "the text is the same"])


def lines(number: int | None, sign: str) -> str:
    """A count of lines, "binary" where there are none to count."""
    return "binary" if number is None else f"{sign}{number}"
