"""How much of a metric's spread lies between cases, how much between runs of a case, and which node the latter is from.

Knows scores and, as opaque marks, what nodes said; nothing of graphs, calls, levels or decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from harness.stats.pairing import draws
from harness.stats.signflip import Floats
from harness.types import Score

RESAMPLES = 500  # of the cases, for the intervals of node shares
CONFIDENCE = 0.90

Said = Mapping[tuple[str, int], Sequence[str]]  # (case, k) -> a mark of what each node said, in the order of the nodes


@dataclass(frozen=True, slots=True)
class Noise:
    """The spread of one metric: a score is the mean + what its case adds + what its run adds."""

    metric: str
    cases: int  # with a value
    runs: int  # values in all
    mean: float
    between: float  # variance between cases, run noise taken off; unit^2, at least 0
    within: float  # variance between runs of one case; unit^2
    repeated: int  # cases with two runs or more, which ``within`` rests on

    @property
    def share(self) -> float | None:
        """Part of the variance of a single run that comes from the run, 0-1; None where nothing varies."""
        whole = self.between + self.within
        return self.within / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class NodeShare:
    """What one node adds to the variance between runs of a case, as parts of it, 0-1."""

    node: str
    share: float  # its own part, given what the nodes before it said
    low: float  # 90 % interval over resampled cases
    high: float
    joint: float  # part of this node and of those after it that the runs cannot tell apart


@dataclass(frozen=True, slots=True)
class NodeNoise:
    """The variance between runs of a case by node. Shares, joint parts and ``outside`` sum to 1."""

    metric: str
    within: float  # the variance that is divided, unit^2
    cases: int  # whose runs differ in this metric
    nodes: tuple[NodeShare, ...]  # in the order of the graph
    outside: float  # all model calls said the same, and the score differs nevertheless


def noise(metric: str, scores: Sequence[Score]) -> Noise | None:
    """One-way random effects by the method of moments (Searle, Casella & McCulloch 1992, section 3.6).

    None without values. Cases with one run add to ``between`` alone; with no case run twice ``within`` is 0: nothing is
    known of it.
    """
    found = {case: np.array(list(runs.values())) for case, runs in draws(scores).items()}
    if not found:
        return None
    means = np.array([values.mean() for values in found.values()])
    free = sum(values.size - 1 for values in found.values())
    squares = sum(float(((values - values.mean()) ** 2).sum()) for values in found.values())
    within = squares / free if free else 0.0
    per_case = float(np.mean([1 / values.size for values in found.values()]))
    spread = float(means.var(ddof=1)) if means.size > 1 else 0.0
    return Noise(
        metric=metric,
        cases=means.size,
        runs=sum(values.size for values in found.values()),
        mean=float(means.mean()),
        between=max(0.0, spread - within * per_case),
        within=within,
        repeated=sum(values.size > 1 for values in found.values()),
    )


def by_records(metric: str, scores: Sequence[Score], said: Said, nodes: Sequence[str], seed: int) -> NodeNoise | None:
    """Variance between runs of a case by node, from runs that happen to agree; None where no run differs.

    Law of total variance in the order of ``nodes``: with V(j) the variance of the score among runs of a case whose
    first j nodes said the same, node j adds V(j - 1) - V(j). Within a case V(j) is the mean of (y - y')^2 / 2 over its
    pairs of runs that agree so far, which is unbiased where V(j) does not depend on what was said. Where no pair agrees
    on node j, V(j - 1) is the joint part of node j and those after it: nothing is guessed.
    """
    parts = len(nodes)
    rows = [row for row in (_of_case(runs, case, said, parts) for case, runs in draws(scores).items()) if row.any()]
    if not rows:
        return None
    return _shared(metric, np.array(rows), nodes, seed)


def by_replay(
    metric: str, recorded: Sequence[Score], frozen: Sequence[Sequence[Score]], nodes: Sequence[str], seed: int
) -> NodeNoise | None:
    """Variance between runs of a case by node, from runs made again with calls frozen; None where nothing differs.

    ``frozen[j]``: the same cases and runs with the calls of the first j + 1 nodes as recorded and all others drawn
    afresh; one entry per node, the last with every call as recorded. (y - y')^2 / 2 of a recorded run and the same run
    made again is an unbiased estimate of V(j + 1) (see ``by_records``), without an assumption and without a joint part.
    """
    old, again = draws(recorded), [draws(scores) for scores in frozen]
    rows = []
    for case, runs in old.items():
        known = [k for k in runs if all(k in arm.get(case, {}) for arm in again)]
        if len(known) > 1:
            whole = float(np.var([runs[k] for k in known], ddof=1))
            left = [float(np.mean([(runs[k] - arm[case][k]) ** 2 / 2 for k in known])) for arm in again]
            rows.append([*(-np.diff([whole, *left])), *(0.0 for _ in nodes), left[-1]])
    table = np.array(rows, dtype=np.float64).reshape(-1, 2 * len(nodes) + 1)
    return _shared(metric, table, nodes, seed) if table.size and table.sum() > 0 else None


def _of_case(runs: Mapping[int, float], case: str, said: Said, parts: int) -> Floats:
    """Own parts, joint parts by their first node, and what lies outside, of one case: shape (2 x parts + 1,)."""
    row = np.zeros(2 * parts + 1)
    pairs = [((runs[a] - runs[b]) ** 2 / 2, _agreed(said[case, a], said[case, b])) for a, b in combinations(runs, 2)]
    if not pairs:
        return row
    left = float(np.mean([half for half, _ in pairs]))
    for place in range(parts):
        alike = [half for half, agreed in pairs if agreed > place]
        if not alike:
            row[parts + place] = left
            return row
        now = float(np.mean(alike))
        row[place] = left - now
        left = now
    row[-1] = left
    return row


def _agreed(one: Sequence[str], other: Sequence[str]) -> int:
    """How many nodes said the same, counted from the first."""
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), len(one))


def _shared(metric: str, rows: Floats, nodes: Sequence[str], seed: int) -> NodeNoise:
    """Parts of the whole; of one that is estimated below 0, as sampling error can have it, 0."""
    rng = np.random.default_rng(seed)
    found = _parts(rows)
    again = np.array([_parts(rows[rng.integers(len(rows), size=len(rows))]) for _ in range(RESAMPLES)])
    low, high = np.quantile(again, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return NodeNoise(
        metric=metric,
        within=float(rows.sum() / len(rows)),
        cases=len(rows),
        nodes=tuple(_named(nodes, found, low, high)),
        outside=float(found[-1]),
    )


def _named(nodes: Sequence[str], found: Floats, low: Floats, high: Floats) -> Iterator[NodeShare]:
    for place, node in enumerate(nodes):
        own, least, most = (float(part[place]) for part in (found, low, high))
        yield NodeShare(node, own, least, most, float(found[len(nodes) + place]))


def _parts(rows: Floats) -> Floats:
    sums: Floats = np.maximum(rows.sum(axis=0), 0.0)
    whole = float(sums.sum())
    return sums / whole if whole > 0 else sums
