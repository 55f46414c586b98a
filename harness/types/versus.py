"""Two versions side by side: what is known of each, and what the comparison says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.types.base import Direction
from harness.types.measured import Score
from harness.types.tried import Comparison
from harness.types.wanted import Goal

Finding = Literal["better", "worse", "the same", "holds its goal", "no difference shown", "no verdict"]
Ruling = Literal["regression", "no regression", "no verdict"]


@dataclass(frozen=True, slots=True)
class Marks:
    """One metric of one version, run by run."""

    metric: str
    direction: Direction  # which way is better
    unit: str | None  # UNIT of the metric: "" = a share of 1; None = a file that does not say
    scores: tuple[Score, ...]  # one per case and run index, unscored ones among them
    version: str = ""  # of the metric with its options; "" = not said


@dataclass(frozen=True, slots=True)
class Side:
    """One version of an app as it was measured, here or by another tool."""

    title: str  # "20261121-142203:c05", "a.json#gpt", "main (1a2b3c4)"
    marks: Mapping[str, Marks]  # by metric
    deciding: frozenset[str]  # ids of the cases that a verdict may rest on
    contents: Mapping[str, str] = field(default_factory=dict)  # case id -> digest of what it asks and expects
    sealed: frozenset[str] = frozenset()  # ids that are never told
    clusters: Mapping[str, str] = field(default_factory=dict)  # case id -> cluster, for cases that have one
    goals: tuple[str, ...] = ()  # metrics that its goals name, in the order written
    ceilings: tuple[Goal, ...] = ()  # its goals with a target that is no share of a baseline
    notes: tuple[str, ...] = ()  # what a reader must know


@dataclass(frozen=True, slots=True)
class Yardstick:
    """By which rule two versions are judged."""

    alpha: float = 0.05  # error level of the whole comparison, shared by the judged metrics (Holm)
    margin: float = 0.10  # fraction that time, tokens and money may grow; the margin of non-inferiority too
    strict: bool = False  # a metric that is not shown to be no worse than the margin counts as a regression
    metrics: tuple[str, ...] = ()  # judged; () = those of the goals, else all but time, tokens and money
    common: bool = False  # leave out cases, runs and metrics that one side lacks
    seed: int = 42


@dataclass(frozen=True, slots=True)
class Judged:
    """One metric of both versions."""

    found: Comparison  # after against before on the same cases; better is positive; p is that of a gain
    unit: str | None
    direction: Direction
    counts: bool  # whether the ruling depends on it
    tolerance: float  # fraction by which it may be worse before that counts; 0 = not at all
    p_worse: float | None  # one-sided p of being worse by more than the tolerance, not adjusted
    finding: Finding
    words: str  # the finding with what it rests on


@dataclass(frozen=True, slots=True)
class Moved:
    """One case that may be named."""

    case: str
    before: float  # mean over its runs
    after: float


@dataclass(frozen=True, slots=True)
class Versus:
    """What a comparison of two versions says. Holds nothing of single sealed cases."""

    before: str  # Side.title
    after: str
    ruling: Ruling
    words: str  # the ruling in one sentence
    rule: str  # how it was made
    rows: tuple[Judged, ...]  # what counts first
    cases: int  # that the ruling rests on
    sealed: int  # of these, how many belong to a sealed holdout
    runs: int  # of a case in either version, at most
    moved: tuple[Moved, ...]  # nameable cases that changed in the first metric that counts, worst first
    notes: tuple[str, ...] = ()
