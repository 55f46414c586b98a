"""What was measured: calls, runs, scores, and what they used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.types.base import FaultKind, Json
from harness.types.wanted import Case


@dataclass(frozen=True, slots=True)
class Call:
    """One model call as it happened, or as it was replayed."""

    key: str  # content address (sha-256, hex)
    node: str  # graph node that made it, "" outside any
    step: int  # LangGraph superstep, 1-based; 0 outside the graph
    position: int  # how many calls of equal content preceded it on the same path
    model: str  # "provider:id", or the class name when the model gives neither
    messages: tuple[Mapping[str, Json], ...]  # {"role", "content"} in order, content as sent
    parameters: Mapping[str, Json]  # temperature, max_tokens, stop, ... as sent
    text: str  # the reply's text
    response: Mapping[str, Json]  # the whole reply, enough to replay it
    tokens_in: int | None  # None = the model did not say
    tokens_out: int | None
    seconds: float  # as made, not as replayed
    retries: int = 0
    finish_reason: str = ""
    error: str = ""  # "Type: message" when the call raised
    replayed: bool = False
    over_http: bool = False  # made beside LangChain: measured, never replayed
    usd: float | None = None  # what it cost where whoever made it says so; None = by the price table


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a run gave no output."""

    kind: FaultKind  # infrastructure = missing value; every other kind is the app's failure
    type: str  # exception class, "Timeout", "SystemExit"
    message: str
    traceback: str = ""  # the app's own frames


@dataclass(frozen=True, slots=True)
class Job:
    """One case to be run once."""

    case: Case
    k: int  # run index, 0-based
    seed: int  # handed to the app's models as metadata "harness_seed"
    salt: str = ""  # enters the key of every affected call, so that arms do not share its draw
    changed: tuple[str, ...] = ()  # affected: calls of these nodes and of later supersteps; ("*",) = all
    replay: Mapping[str, Call] = field(default_factory=dict)  # calls by key that need not be made again


@dataclass(frozen=True, slots=True)
class Run:
    """One case run once on one version of the app."""

    case: str  # Case.id
    k: int
    salt: str
    version: str  # commit of the tree under test
    output: Json  # final state of the graph, None when there is a fault
    fault: Fault | None
    calls: tuple[Call, ...]
    seconds: float  # latency of the case; replayed calls count as recorded

    @property
    def lost(self) -> bool:
        """Whether network or endpoint failed, so that nothing was measured: neither right nor wrong."""
        return self.fault is not None and self.fault.kind == "infrastructure"


@dataclass(frozen=True, slots=True)
class Score:
    """One metric of one run. Unscored is a value of its own, never 0."""

    metric: str
    case: str
    k: int
    value: float | None  # in the metric's unit; None = unscored
    reason: str = ""  # why unscored
    unit: str = ""  # UNIT of the metric: "" = a share of 1
    statistic: str = ""  # of the whole set that the metric stands for (stats.formulas); "" = its mean over cases
    record: tuple[tuple[str, float], ...] = ()  # what a statistic of counts adds up over runs: (name, count)


@dataclass(frozen=True, slots=True)
class Summary:
    """A metric over a set of cases; the case (mean over its runs) is the unit."""

    metric: str
    n: int  # cases with a value
    unscored: int  # cases without
    mean: float | None
    std: float | None  # over cases, ddof = 1; None when n < 2
    median: float | None
    low: float | None  # two-sided 95 % interval of the mean
    high: float | None
    minimum: float | None
    maximum: float | None
    run_means: tuple[float, ...] = ()  # mean over the cases, run by run


@dataclass(frozen=True, slots=True)
class Spend:
    """What was used so far."""

    calls: int = 0  # really made
    replayed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    usd: float | None = 0.0  # None as soon as one call is unpriced
