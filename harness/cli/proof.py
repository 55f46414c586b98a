"""What ``aa`` says, as text and as data. Knows nouns, opens nothing and prints nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from harness import figures
from harness.aa import Proof, Rate, Row, rate
from harness.cli.tables import grid
from harness.cli.text import unit
from harness.recorded import Cost
from harness.stats import NodeNoise, Noise
from harness.types import Decision, Json

NAMES = {"ours": "`harness run`", "mean": '"the mean on dev went up"'}


def headline(found: Proof, rule: str) -> Rate:
    """The larger rate of both kinds of candidates: the one that a promise has to hold for."""
    return max((of(row, rule) for row in found.rows), key=lambda found: found.rate)


def of(row: Row, rule: str) -> Rate:
    """The rate of one rule."""
    return row.ours if rule == "ours" else row.mean


def page(found: Proof, rule: str, decisions: Sequence[Decision], nodes: NodeNoise | None, notes: Sequence[str]) -> str:
    """All of it for the terminal."""
    sets = f"{found.dev} dev and {found.holdout} holdout cases" if found.holdout else f"{found.dev} cases"
    parts = [
        f"A/A on the baseline of run {found.run_id} (commit {found.base[:12]}): {found.metric}, {sets} x {found.runs} "
        f"runs; {found.rows[0].ours.of} rehearsed runs of each kind, {found.candidates} candidates a run, none better",
        grid("Runs that keep a change which makes no difference", _RATES, map(rate_row, found.rows)),
        verdict(headline(found, rule), rule, found.alpha),
        visible(found),
        grid("Noise", _NOISE, map(noise_row, found.noise)),
    ]
    for shares in (*found.nodes, *([nodes] if nodes else [])):
        how = "by replay, dev cases" if shares is nodes else "from recorded runs"
        parts.append(grid(f"{shares.metric} between runs of a case, by node ({how})", _NODES, node_rows(shares)))
        parts.append(most(shares))
    if decisions:
        parts += drawn(decisions, found.alpha)
    return "\n".join([*parts, *(f"note: {note}" for note in (*found.notes, *notes))])


_RATES = ["Candidates", "harness run", "95 % interval", "mean went up", "95 % interval"]
_NOISE = ["Metric", "Mean", "Std between cases", "Std between runs of a case", "Run's part of the variance"]
_NODES = ["Node", "Part of the variance", "90 % interval", "Not told apart from later nodes"]


def rate_row(row: Row) -> list[str]:
    """One kind of candidate under both rules."""
    return [row.candidate, percent(row.ours.rate), within(row.ours), percent(row.mean.rate), within(row.mean)]


def percent(value: float) -> str:
    """A rate."""
    return figures.amount(value, "")


def within(found: Rate) -> str:
    """Its interval."""
    return f"{percent(found.low)} .. {percent(found.high)}"


def verdict(found: Rate, rule: str, alpha: float) -> str:
    """The rate against the promise, in one sentence."""
    name, limit = NAMES[rule], percent(alpha)
    if found.low > alpha:
        held = f"above the promised {limit} beyond doubt"
    elif found.high <= alpha:
        held = f"at or under the promised {limit}"
    else:
        held = f"not distinguishable from the promised {limit}: more --repeats tell"
    return f"false-accept rate of {name}: {percent(found.rate)} ({within(found)}), {held}"


def visible(found: Proof) -> str:
    """What these cases can see beside the noise."""
    if found.smallest is None:
        return f"no single change of {found.metric} is kept with 80 % chance, however good: add cases"
    lift = figures.difference(found.smallest, unit(found.metric)).lstrip("+")
    return f"the smallest lift of {found.metric} that is kept with 80 % chance: {lift} (`harness plan` says more)"


def noise_row(found: Noise) -> list[str]:
    """One metric."""
    scale = unit(found.metric)
    spread = [figures.difference(math.sqrt(v), scale).lstrip("+") for v in (found.between, found.within)]
    return [found.metric, figures.amount(found.mean, scale), *spread, figures.share(found.share)]


def node_rows(found: NodeNoise) -> Iterator[list[str]]:
    """One node each, then what is no model call."""
    for row in found.nodes:
        interval = f"{figures.share(row.low)} .. {figures.share(row.high)}"
        yield [row.node or "outside the graph", figures.share(row.share), interval, figures.share(row.joint)]
    yield ["outside the model calls", figures.share(found.outside), figures.NONE, figures.NONE]


def most(found: NodeNoise) -> str:
    """The node with the largest part."""
    row = max(found.nodes, key=lambda row: row.share, default=None)
    joint = sum(row.joint for row in found.nodes)
    told = "" if joint < 0.005 else f"; {figures.share(joint)} cannot be told apart (`--by-replay` does)"
    if row is None or row.share <= 0:
        return f"no part of the variance of {found.metric} can be laid to one node{told}"
    return f"{figures.share(row.share)} of the variance of {found.metric} comes from node {row.node}{told}"


def drawn(decisions: Sequence[Decision], alpha: float) -> Iterator[str]:
    """Real comparisons: each decision, and how many were kept."""
    rows = [
        [str(number), found.verdict, figures.NONE if p is None else figures.chance(p), figures.difference(gain, "")]
        for number, found in enumerate(decisions, 1)
        for p, gain in [(found.comparison.p, found.comparison.gain)]
    ]
    yield grid("Fresh draws of the app against itself", ["#", "Verdict", "p", "Gain"], rows)
    ours, mean = fresh_rates(decisions)
    yield (
        f"kept by `harness run`: {ours.times} of {ours.of} comparisons ({within(ours)}), each at level "
        f'{figures.number(decisions[0].alpha)} of {figures.number(alpha)}; by "the mean went up": {mean.times}'
    )


def fresh_rates(decisions: Sequence[Decision]) -> tuple[Rate, Rate]:
    """Comparisons that each rule kept."""
    kept = sum(found.verdict == "keep" for found in decisions)
    up = sum(found.comparison.gain is not None and found.comparison.gain > 0 for found in decisions)
    return rate(kept, len(decisions)), rate(up, len(decisions))


def price(found: Cost) -> str:
    """A cost in words, before it is paid."""
    money = "unpriced" if found.usd is None else f"{figures.number(found.usd)} USD"
    return (
        f"about {figures.count(found.calls, found.spends.removesuffix('s'))}, {found.tokens:,} tokens, {money}, "
        f"{figures.duration(found.seconds)}"
    )


def as_data(
    found: Proof, rule: str, decisions: Sequence[Decision], nodes: NodeNoise | None, notes: Sequence[str]
) -> dict[str, Json]:
    """The same for a script."""
    told = headline(found, rule)
    fresh = None
    if decisions:
        ours, mean = fresh_rates(decisions)
        fresh = {"ours": asdict(ours), "mean": asdict(mean), "decisions": [asdict(one) for one in decisions]}
    return {
        "run": found.run_id,
        "commit": found.base,
        "metric": found.metric,
        "rule": rule,
        "alpha": found.alpha,
        "false_accept_rate": told.rate,
        "false_accept_interval": [told.low, told.high],
        "smallest_lift": found.smallest,
        "rows": [asdict(row) for row in found.rows],
        "noise": [{**asdict(row), "run_share": row.share} for row in found.noise],
        "nodes": [asdict(row) for row in found.nodes],
        "nodes_by_replay": asdict(nodes) if nodes else None,
        "draws": fresh,
        "notes": [*found.notes, *notes],
    }
