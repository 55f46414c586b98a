"""The unchanged app as its own candidate, from the record: how often each rule keeps it, and where its noise is from.

Calls no model. Real comparisons with fresh draws are made by ``loop.again``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import analyse, plugins, stats
from harness.errors import UserError
from harness.protocols import Metric
from harness.recorded import Cost, Record, Taken, cost, scoring, taken
from harness.statistic import listed
from harness.stats import Bank, Law, NodeNoise, Noise, Resampled, Rules, Sets, Units
from harness.types import Score, Settings

SAME = "the app drawn again"
RESHUFFLED = "prompts that change which cases are right"
_FEWEST = 2  # cases from which something can be drawn

Told = Callable[[str, int, int], None]  # what is worked on, done, total


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened, with its exact (Clopper-Pearson) 95 % interval."""

    times: int
    of: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of candidate that makes no difference."""

    candidate: str  # SAME or RESHUFFLED
    ours: Rate  # runs in which the rule of `harness run` kept one
    mean: Rate  # runs in which "the mean went up" kept one


@dataclass(frozen=True, slots=True)
class Proof:
    """What the record of one baseline says."""

    run_id: str
    base: str  # commit measured
    metric: str
    dev: int  # units; those that decide where there is no holdout
    holdout: int  # units, 0 = one stage
    runs: int  # of each case
    candidates: int  # in each rehearsed run
    alpha: float
    rows: tuple[Row, ...]
    smallest: float | None  # lift of the metric that is kept with 80 % chance (see planning); None = none is
    noise: tuple[Noise, ...]  # by metric, over all cases
    nodes: tuple[NodeNoise, ...]  # by metric of a goal, where its runs differ
    notes: tuple[str, ...]  # what limits the proof


@dataclass(frozen=True, slots=True)
class Asked:
    """What to rehearse."""

    metric: str = ""  # "" = that of the first goal
    repeats: int = 400  # rehearsed runs of each kind
    candidates: int = 20
    seed: int = 42


def rate(times: int, of: int) -> Rate:
    """``times`` of ``of``; of nothing the interval is everything."""
    if not of:
        return Rate(0, 0, 0.0, 0.0, 1.0)
    return Rate(times, of, times / of, *stats.false_rate_interval(times, of))


def prove(root: Path, record: Record, asked: Asked, told: Told) -> Proof:
    """Rehearse runs on the record, and divide its noise.

    Raises UserError for an unknown metric and for a record without two cases that have a value in every run.
    """
    with scoring(record, root) as metrics:
        chosen = metric_of(asked.metric, record, metrics)
        names = dict.fromkeys((chosen.NAME, *plugins.measured(metrics, record.settings, record.goals)))
        scores = {name: record.scores(metrics[name], record.cases, record.baseline) for name in names}
    sets = tables(record, scores[chosen.NAME])
    # What a node said does not tell how long it took, so seconds are not divided by it.
    wanted = [name for name in aimed(chosen.NAME, record) if name in scores and metrics[name].UNIT != "s"]
    return Proof(
        run_id=record.run_id,
        base=record.base,
        metric=chosen.NAME,
        dev=len(sets.dev.values),
        holdout=len(sets.holdout.values) if sets.holdout else 0,
        runs=sets.dev.values.shape[1],
        candidates=asked.candidates,
        alpha=record.settings.alpha,
        rows=tuple(_rows(record, chosen, sets, asked, told)),
        smallest=_smallest(record, chosen, sets, scores[chosen.NAME], asked.seed),
        noise=tuple(found for name in names if (found := _noise(name, scores[name])) is not None),
        nodes=tuple(_by_node(record, {name: scores[name] for name in wanted}, asked.seed)),
        notes=tuple(_limits(sets, stats.noise(chosen.NAME, scores[chosen.NAME]))),
    )


def metric_of(name: str, record: Record, metrics: Mapping[str, Metric]) -> Metric:
    """The metric asked for, that of the first goal for "". Raises UserError for one that is not known."""
    wanted = name or record.goals.goals[0].metric
    if wanted not in metrics:
        raise UserError(f"unknown metric {wanted!r}", where="--metric", fix=f"known: {listed(metrics)}")
    return metrics[wanted]


def aimed(name: str, record: Record) -> tuple[str, ...]:
    """The metric asked for and those of the goals, each once."""
    return tuple(dict.fromkeys((name, *(goal.metric for goal in record.goals.goals))))


def tables(record: Record, scores: Sequence[Score]) -> Sets:
    """Dev and holdout unit by unit; no holdout where one stage decides. Raises UserError where nothing can be drawn."""
    clusters = {case.id: case.cluster for case in record.cases}
    parts = [record.split.dev, *([record.split.holdout] if record.split.two_stage else [])]
    found = []
    for cases in parts:
        ids = {case.id for case in cases}
        found.append(stats.tabled([score for score in scores if score.case in ids], clusters))
    if any(len(table.values) < _FEWEST for table in found):
        raise UserError(
            f"run {record.run_id} has fewer than {_FEWEST} cases with a value in every run: nothing can be rehearsed",
            fix="measure a baseline on more cases with `harness baseline`, or name another --metric",
        )
    return Sets(found[0], found[1] if len(found) > 1 else None)


def fresh_cost(record: Record, draws: int) -> Cost:
    """What ``draws`` real comparisons take: both arms of each on the deciding cases, nothing replayed."""
    each = len(record.deciding) * record.settings.runs
    return cost(taken(record), 2 * draws * each, record.settings.concurrency)


def replay_cost(record: Record) -> Cost:
    """What redrawing the dev cases takes, once for each node but the last, with the calls up to that node frozen."""
    evaluations = len(record.split.dev) * record.settings.runs
    costs = {node.node: node for node in analyse.node_costs(record.baseline, record.settings.prices)}
    order = analyse.order(record.baseline)
    redrawn = [costs[node] for place in range(len(order)) for node in order[place + 1 :] if node in costs]
    prices = [node.usd for node in redrawn if node.usd is not None]
    each = Taken(
        calls=sum(node.calls for node in redrawn),
        tokens=sum(node.tokens for node in redrawn),
        usd=sum(prices) if len(prices) == len(redrawn) else None,
        seconds=sum(node.seconds for node in redrawn),
    )
    return cost(each, evaluations, record.settings.concurrency)


def rules_of(chosen: Settings, metric: Metric, sets: Sets) -> Rules:
    """What a run with these settings decides by."""
    tables = [sets.dev, *([sets.holdout] if sets.holdout else [])]
    return Rules(
        metric=metric.NAME,
        direction=metric.DIRECTION,
        settings=chosen,
        two_stage=sets.holdout is not None,
        share=all(table.share for table in tables),
        denominator=math.lcm(*(table.denominator for table in tables)),
        banks=tuple(table.bank for table in tables if table.bank is not None),
    )


def _banks(law: Law) -> tuple[Bank, ...]:
    """What a law of a statistic of the whole set draws from; () of a mean."""
    return (law.bank,) if isinstance(law, Resampled) else ()


def _rows(record: Record, metric: Metric, sets: Sets, asked: Asked, told: Told) -> Iterator[Row]:
    rules = rules_of(record.settings, metric, sets)
    for words, reshuffled in ((SAME, False), (RESHUFFLED, True)):
        ends = []
        played = stats.rehearse(
            sets, rules, asked.candidates, reshuffled=reshuffled, seed=asked.seed, repeats=asked.repeats
        )
        for end in played:
            ends.append(end)
            told(words, len(ends), asked.repeats)
        kept, mean_kept = (sum(end.kept for end in ends), sum(end.mean_kept for end in ends))
        yield Row(words, rate(kept, len(ends)), rate(mean_kept, len(ends)))


def _smallest(record: Record, metric: Metric, sets: Sets, scores: Sequence[Score], seed: int) -> float | None:
    """The smallest lift of one good change that these cases keep with 80 % chance."""
    table = stats.tabled(scores, {case.id: case.cluster for case in record.cases})
    found = stats.law_of(metric.NAME, table, metric.DIRECTION)
    if found is None:
        return None
    law, runs = found[0], table.values.shape[1]
    units = Units(len(sets.dev.values), len(sets.holdout.values) if sets.holdout else 0, runs)
    rules = replace(rules_of(record.settings, metric, sets), denominator=law.denominator(runs), banks=_banks(law))
    kappa = stats.calibrated(rules, law, units, seed)
    return None if kappa is None else stats.smallest(kappa, law, runs, units.deciding)


def _by_node(record: Record, scores: Mapping[str, Sequence[Score]], seed: int) -> Iterator[NodeNoise]:
    nodes = analyse.order(record.baseline)
    said = analyse.said(record.baseline, nodes)
    for name, found in scores.items():
        shares = stats.by_records(name, found, said, nodes, seed)
        if shares is not None:
            yield shares


def _noise(name: str, scores: Sequence[Score]) -> Noise | None:
    """The spread of single runs; the mean of a statistic of the whole set is the statistic."""
    found, mean = stats.noise(name, scores), stats.summarise(name, scores).mean
    whole = found is not None and mean is not None and any(score.statistic for score in scores)
    return replace(found, mean=mean) if found is not None and mean is not None and whole else found


def _limits(sets: Sets, noise: Noise | None) -> Iterator[str]:
    """What this proof cannot show, in sentences."""
    yield (
        "resampled from recorded runs: it shows what the rules make of noise like that, and not drift of the endpoint, "
        "runs that depend on each other, or rarer outcomes than the record holds; `--draws N` compares fresh draws"
    )
    runs = sets.dev.values.shape[1]
    if runs == 1:
        yield "each case was run once: nothing is known of the noise between runs; measure with --runs 5"
    elif noise is not None and noise.within == 0:
        yield "no case ever differed between its runs: drawn again, every candidate ties, whatever the rule"
    else:
        yield f"with {runs} runs of a case, resampling shows {(runs - 1) / runs:.0%} of the variance between its runs"
    left_out = sets.dev.left_out + (sets.holdout.left_out if sets.holdout else 0)
    if left_out:
        yield f"{left_out} cases without a value in every run are left out"
