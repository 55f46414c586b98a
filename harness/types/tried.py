"""What is tried and decided: briefs, changes, comparisons, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.types.base import Direction, Json, TemplateKind, Verdict
from harness.types.found import Node, Parts, Prompt, Span, text_of
from harness.types.wanted import Goal


@dataclass(frozen=True, slots=True)
class Observation:
    """What a proposer may see of one dev case at one node; the holdout is never among them."""

    case: str  # Case.id
    category: str
    messages: tuple[Mapping[str, Json], ...]  # what reached the model
    filled: Mapping[str, str]  # variables of the prompt -> the text they held in this call
    answer: str  # what the model replied
    wanted: str | None  # what this node should have replied, None when the case does not say
    output: Json  # final output of the app
    expected: Mapping[str, Json]
    score: float | None  # the target metric on this case, mean over runs
    inputs: Mapping[str, Json] = field(default_factory=dict)  # of the case
    heard: bool = True  # whether ``answer`` is known; False = only ``score`` says how it was


@dataclass(frozen=True, slots=True)
class Past:
    """One idea that was tried on the same prompt in this run. Says nothing of sealed cases but how it ended."""

    technique: str
    why: str
    end: str  # Trial.end
    gain: float | None  # on the dev cases, in the metric's unit, better is positive; None = it was not measured
    id: str = ""  # Change.id
    parts: Parts = ()  # its text, of an idea that began at the text as it is; () = a number, or another beginning
    parents: tuple[str, ...] = ()  # Change.parents


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a proposer is given."""

    node: Node
    prompt: Prompt  # the text that may be rewritten
    observations: tuple[Observation, ...]  # dev only
    goal: Goal
    direction: Direction
    tried: tuple[str, ...]  # digests of texts tried before, not to be proposed again
    seed: int
    past: tuple[Past, ...] = ()  # in the order tried
    goals: tuple[Goal, ...] = ()  # all of the run's
    models: tuple[str, ...] = ()  # ids that the node's models may be changed to, cheapest first; () = they stay
    causes: tuple[str, ...] = ()  # why dev cases fail, in sentences
    beside: tuple[Observation, ...] = ()  # dev cases at the other nodes that share a model with this one


@dataclass(frozen=True, slots=True)
class Proposal:
    """One idea: the whole new text of one prompt, or one new number, id or adapter for a model."""

    technique: str  # one technique, such as "few-shot examples"
    parts: Parts  # the same variables as before, each with its source unchanged
    why: str  # one sentence: the symptom that calls for it
    parameter: str = ""  # of the node's model, such as "temperature"; then ``parts`` is its new number as written
    place: Span | None = None  # of a parameter: where Brief.node.models has its literal, or room for a further keyword
    parents: tuple[str, ...] = ()  # Past.id of the ideas that it puts together
    aim: str = ""  # metric that it is to better at no loss to any goal; "" = the goal that the run works on
    brings: str = ""  # absolute path of a folder that the app needs with it, such as an adapter; "" = nothing


@dataclass(frozen=True, slots=True)
class Technique:
    """What is expected of a technique before it is tried here; what it gains is measured."""

    name: str  # "few-shot examples", as in Proposal.technique
    symptom: str  # what in the replies or the prompt calls for it
    accuracy: str  # expected effect where the symptom is there: "up", "±0", "down", ...
    latency: str
    cost: str
    stars: int  # 1-5: how often and how much it is expected to help
    reason: str  # of the stars
    parameter: str = ""  # of a model that it sets; "" = it changes the text of a prompt

    @property
    def effect(self) -> str:
        """The expected effect in words."""
        return f"accuracy {self.accuracy}, latency {self.latency}, cost {self.cost}"


@dataclass(frozen=True, slots=True)
class Yield:
    """What came of the ideas of one proposer, and what they took."""

    proposer: str  # as named after ``--proposer``; "builtin" = the techniques that are built in, together
    tried: int = 0  # candidates measured on dev
    refused: int = 0  # candidates that broke a rule
    passed: int = 0  # of those tried, better on dev than the screen asks
    kept: int = 0  # of those passed, on the branch
    gain: float = 0.0  # of the kept ones on the deciding cases, in the unit of their metric, in sum
    asked: int = 0  # model calls of the proposer itself
    measured: int = 0  # model calls in the dev runs of its candidates, replayed ones counted

    @property
    def calls(self) -> int:
        """All that its ideas took."""
        return self.asked + self.measured

    @property
    def worth(self) -> float:
        """Candidates that were of use: a kept one counts whole, one that only passed on dev counts half."""
        return (self.passed + self.kept) / 2


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal bound to a place: one node, one technique; a text of a prompt, or one number given to a model."""

    id: str  # "c01", in the order tried
    node: str
    technique: str
    prompt: str  # Prompt.id
    span: Span
    old: Parts
    new: Parts
    why: str
    proposer: str  # NAME of the proposer
    nodes: tuple[str, ...] = ()  # every node that the text feeds
    parents: tuple[str, ...] = ()  # of a combination: the single changes that were measured
    template: TemplateKind = "plain"  # how the text's variables are written; Prompt.template
    parameter: str = ""  # set when a parameter of a model is changed: ``old`` () = it was not given before

    @property
    def texts(self) -> tuple[str, str]:
        """Before and after as a person reads them."""
        name = f"{self.parameter}=" if self.parameter else ""
        old, new = (f"{name}{text_of(parts)}" if parts else "" for parts in (self.old, self.new))
        return old, new

    @property
    def reach(self) -> str:
        """Every node that the change counts for, in words: "classify and draft"."""
        *first, last = self.nodes or (self.node,)
        return f"{', '.join(first)} and {last}" if first else last

    kind: str = ""  # Prompt.kind: what the span holds
    revision: str = ""  # commit whose tree is the change, of one that a user gave; ``new`` is its diff then
    aim: str = ""  # Proposal.aim
    brings: str = ""  # Proposal.brings: its files come into the folder adapters/ of the tree


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidate against baseline on the same cases; d = candidate minus baseline per case, better is positive."""

    metric: str
    n: int  # units (cases or clusters) with a value in both arms
    missing: int  # units without
    before: float | None  # mean of the baseline
    after: float | None  # mean of the candidate
    gain: float | None  # mean of d, in the metric's unit, sign turned so that better is positive
    low: float | None  # two-sided 95 % interval of the gain
    high: float | None
    p: float | None  # one-sided, over all looks where there were several; None when nothing can be tested
    effect: float | None  # Cohen's d of the paired differences; None when their spread is 0
    improved: int  # units with d > 0
    kept: int  # d = 0
    worse: int  # d < 0
    method: str  # "exact sign-flip", "permutation", "exact swap of arms", "swap of arms", "normal", "none"
    spread: float | None = None  # standard deviation of d over units; None for fewer than 2


@dataclass(frozen=True, slots=True)
class Guard:
    """One guardrail of a decision."""

    metric: str
    holds: bool
    rule: str  # "at most 2.0 s" or "not more than 10 % worse"
    before: float | None
    after: float | None
    bound: float | None  # the one-sided bound that was compared with the limit


@dataclass(frozen=True, slots=True)
class Look:
    """One look of a confirmation at part of the cases that decide."""

    share: float  # of those cases looked at so far, 0-1
    n: int  # units with a value in both arms so far
    gain: float | None
    p: float | None  # chance, when nothing changed, of having crossed before or of a gain this large
    limit: float  # error level that may be used up to this look
    used: float  # what of it could be used: the chance of having crossed by now when nothing changed
    end: Literal["", "kept", "futile", "all cases"] = ""  # why the confirmation ended here; "" = it went on


@dataclass(frozen=True, slots=True)
class Decision:
    """Keep or revert, with everything that the claim rests on."""

    verdict: Verdict
    comparison: Comparison
    guards: tuple[Guard, ...]
    alpha: float  # level of this confirmation
    words: str  # the reason in one or two sentences
    looks: tuple[Look, ...] = ()  # in the order taken; () = one look at all cases (older records)
    planned: int = 1  # looks that there would have been
    spent: float | None = None  # of alpha, what is used up for good; None = all of it (older records)


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate of one iteration, kept or not."""

    iteration: int  # 1-based
    change: Change
    screen: Comparison | None  # on dev; None when it never ran
    stage: str  # where it ended: "refused", "no effect", "futile", "screened out", "not chosen", "confirmed", "kept"
    words: str
    decision: Decision | None = None  # on the holdout, of the one that was confirmed
    at: str = ""  # when it ended: ISO 8601, UTC
    sealed: bool = True  # a confirmation asks sealed cases; False = there are none, it asks all cases

    @property
    def end(self) -> str:
        """Where it ended, as people are told."""
        if self.stage != "confirmed":
            return self.stage
        asked = "the holdout" if self.sealed else "all cases"
        verdict = self.decision.verdict if self.decision else "reject"
        return f"{'rejected' if verdict == 'reject' else verdict} on {asked}"


def confirmations(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Those put to the deciding cases, in the order of time: a candidate may wait, so its id does not tell."""
    return tuple(sorted((t for t in trials if t.decision is not None), key=lambda trial: (trial.iteration, trial.at)))


def kept_trials(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """Those whose change is on the branch, in the order of its commits."""
    return tuple(trial for trial in confirmations(trials) if trial.stage == "kept")
