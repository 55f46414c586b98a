"""What a report tells: targets, failures, costs, results, the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.types.calibrated import Calibration, Correction
from harness.types.causes import Analysis
from harness.types.found import Discovery
from harness.types.measured import Spend, Summary
from harness.types.profile import Profile
from harness.types.tried import Comparison, Trial, Yield
from harness.types.wanted import Goal, Goals, Settings


@dataclass(frozen=True, slots=True)
class Result:
    """One goal at the end of a run."""

    goal: Goal
    initial: Summary  # holdout where there is one, else all cases
    final: Summary
    state: Literal["met", "reached", "missed", "unknown"]
    achievement: float | None  # 0-1: value/target, or target/value where lower is better, capped


@dataclass(frozen=True, slots=True)
class Weakness:
    """One issue of a prompt: what shows it, and what would mend it."""

    issue: str
    where: str  # "prompts.py:4" or "prompts.py:3-9"
    shown: str  # the words that show it, or what is not there
    idea: str  # what to do
    technique: str = ""  # Technique.name of the one that does it; "" = left to a person
    accuracy: str = ""  # its expected effect: "up", "±0", "down", ...
    latency: str = ""
    cost: str = ""
    stars: int = 0  # 1-5; 0 = no technique does it
    reason: str = ""  # of the stars


@dataclass(frozen=True, slots=True)
class Target:
    """One row of the target list (F3) with its place in the priority matrix (F9)."""

    node: str
    prompt: str  # Prompt.id
    role: str  # what the node does, in words
    issues: tuple[str, ...]
    ideas: tuple[str, ...]
    impact: int  # 1-5, from measured failures
    feasibility: int  # 1-5
    cheapness: int  # 1-5
    why: str
    weaknesses: tuple[Weakness, ...] = ()  # one for each issue
    reasons: tuple[str, ...] = ()  # of impact, feasibility and cheapness

    @property
    def total(self) -> int:
        """Priority out of 15."""
        return self.impact + self.feasibility + self.cheapness


@dataclass(frozen=True, slots=True)
class FailurePattern:
    """Failures of dev cases that look alike."""

    name: str  # "got 'technical', wanted 'billing'"
    count: int
    cases: tuple[str, ...]  # dev ids


@dataclass(frozen=True, slots=True)
class NodeCost:
    """What one node takes per case, on the mean."""

    node: str
    calls: float
    seconds: float
    tokens: float
    usd: float | None
    share: float  # of the seconds of all nodes, 0-1


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that a report says. Holds nothing of single holdout cases."""

    run_id: str
    project: str
    started: str  # ISO 8601, UTC
    finished: str
    base: str  # commit tuned
    branch: str
    harness_version: str
    settings: Settings
    goals: Goals
    discovery: Discovery
    targets: tuple[Target, ...]
    dev: int  # cases
    holdout: int  # cases; 0 = one stage
    digest: str  # of the holdout
    baseline: tuple[Summary, ...]  # all cases of dev and holdout, by metric
    failures: tuple[FailurePattern, ...]
    costs_before: tuple[NodeCost, ...]
    costs_after: tuple[NodeCost, ...]
    trials: tuple[Trial, ...]
    results: tuple[Result, ...]
    dev_cases: tuple[tuple[str, float | None, float | None], ...]  # id, target metric before, after
    counts: tuple[int, int, int]  # holdout units improved, kept, worse: first baseline against last state
    diff: str  # unified, of the user's files
    commits: tuple[str, ...]  # of the kept changes
    alpha_spent: float
    spend: Spend
    phases: Mapping[str, float]  # seconds by phase
    stopped: str  # why the run ended, in words
    notes: tuple[str, ...] = ()  # warnings and limits worth a reader's attention
    total: Comparison | None = None  # app as found against the last kept state, on the deciding cases
    units: Mapping[str, str] = field(default_factory=dict)  # UNIT by metric: "" = share of 1, "s", "tokens", "USD"
    course: tuple[tuple[Summary, ...], ...] = ()  # by version kept, the app as found first: by metric, deciding cases
    failures_left: tuple[FailurePattern, ...] = ()  # of the dev cases, in the last measured version
    profile_before: Profile | None = None  # of the app as found: what no mean over cases tells
    profile_after: Profile | None = None  # of the last measured version
    calibrations: tuple[Calibration, ...] = ()  # of the judges that goals name, where they were held against people
    corrections: tuple[Correction, ...] = ()  # of their means on the deciding cases
    analysis: Analysis = field(default_factory=Analysis)  # why dev cases of the app as found fail
    yields: tuple[Yield, ...] = ()  # by proposer, where several took turns
    replayed: bool = False  # the app repeats itself: a kept version is measured by what is on record of it
