"""Statistics of a whole set of cases, which are no means over cases: by class, by percentile, by kind of error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One label of a classification. Counts are runs; a rate of nothing is None."""

    label: str
    precision: float | None  # right / said; None when it was never said
    recall: float  # right / wanted
    f1: float  # 0-1
    support: int  # runs that wanted it


@dataclass(frozen=True, slots=True)
class Classes:
    """How well one expected field is sorted into its labels."""

    field: str  # "expected_intent"
    weighted_f1: float  # over all cases, each label with the weight of its support
    n: int  # runs it rests on
    rows: tuple[ClassRow, ...]  # dev cases only, by label


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds per run, of the whole case or of one node's model calls; percentiles by linear interpolation."""

    node: str  # "" = the whole case
    n: int  # runs; of a node those that called it
    mean: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Runs that ended in one kind of fault."""

    kind: str  # a FaultKind; "infrastructure" = a missing value, not the app's failure
    type: str  # exception class
    runs: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What no mean over cases tells of one version of the app."""

    runs: int  # that the shares of errors are of
    latencies: tuple[Latency, ...]  # the whole case first, then the nodes, the slowest first
    throughput: float | None  # cases per second at ``concurrency``, should the endpoint keep the pace
    concurrency: int  # cases in flight
    errors: tuple[ErrorCount, ...]  # commonest first
    classes: tuple[Classes, ...]  # of the fields whose expected values are labels
