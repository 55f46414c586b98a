"""The nouns: frozen data, one line of meaning and unit per field. This module knows no behaviour and no library.

Mappings in these types are read-only by agreement: whoever receives one does not change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any  # what json.dumps takes: None, bool, int, float, str, list, dict
Direction = Literal["higher", "lower"]
Proof = Literal["proved", "likely", "unresolved"]
TemplateKind = Literal["plain", "format", "fstring", "jinja"]
FaultKind = Literal["app", "timeout", "exit", "recursion", "infrastructure"]
Verdict = Literal["keep", "reject", "no verdict"]


# ---- what the user wants -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the goals file."""

    metric: str  # NAME of a metric, such as "accuracy"
    direction: Direction  # which way is better
    target: float | None  # absolute, in the metric's unit; None until a relative goal meets its baseline
    relative: float | None = None  # change against the baseline as a fraction: -0.4 is "40 % less"
    unit: str = ""  # as written by the user: "%", "s", "$", ""
    where: str = ""  # "fine-tune.md:12" or "--goal"
    text: str = ""  # the sentence it was read from


@dataclass(frozen=True, slots=True)
class Case:
    """One test case."""

    id: str  # unique in its set
    inputs: Mapping[str, Json]  # what the graph is invoked with
    expected: Mapping[str, Json]  # the expected_* fields as written, with their full names
    category: str = ""
    difficulty: str = ""  # easy, medium, hard or ""
    cluster: str = ""  # cases of one cluster are split and permuted together; "" = the case itself
    metadata: Mapping[str, Json] = field(default_factory=dict)
    line: int = 0  # 1-based line in its file, for messages


@dataclass(frozen=True, slots=True)
class Goals:
    """The goals file as read, with what it says about cases and evaluation."""

    goals: tuple[Goal, ...]  # in the order written; the first unmet one is the target of the run
    cases_path: str = ""  # as written, relative to the repo
    cases_where: str = ""  # "fine-tune.md:9", the line that names the cases
    command: str = ""  # Execution Command (F7), recorded for now
    criteria: tuple[str, ...] = ()  # Passing Criteria, verbatim
    title: str = ""
    where: str = ""  # path of the file read


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may spend; None = no limit. Replayed calls cost nothing."""

    calls: int | None = None  # model calls really made
    seconds: float | None = None  # wall time of the whole run
    usd: float | None = None  # money at the price table


@dataclass(frozen=True, slots=True)
class Settings:
    """[tool.harness] of pyproject.toml, or harness.toml, or flags, resolved. Keys are the names below."""

    graph: str = ""  # "path.py:name"; "" = langgraph.json, else the only compiled graph found
    cases: str = ""  # path of the case file; "" = what the goals file says, else evals/cases.jsonl
    goals: tuple[str, ...] = ()  # goals in words, beside or instead of the goals file
    python: str = ""  # interpreter of the app; "" = the repo's .venv if it has one, else ours
    link: tuple[str, ...] = ()  # ignored files the app needs, linked into the private worktree
    holdout: str = ""  # file of sealed cases outside the repo; "" = split by hash
    metrics: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)  # options by metric name
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # model id -> USD per 1M tokens in, out
    proposers: tuple[str, ...] = ("definitions", "few_shot", "output_format")  # names, or "file.py:function"
    nodes: tuple[str, ...] = ()  # tune only these nodes; () = all with a proved prompt
    pinned: bool | None = None  # the model cannot drift; None = True for local models only
    seed: int = 42
    runs: int = 5  # k: runs per case when deciding
    alpha: float = 0.05  # chance that a whole run keeps a change that makes no difference
    max_iterations: int = 5  # m: confirmations on the sealed holdout, each at alpha / m
    max_candidates: int = 8  # candidates screened in one iteration
    margin: float = 0.10  # non-inferiority margin of guardrails, as a fraction of the baseline
    until: Literal["reached", "met"] = "reached"
    concurrency: int = 8  # cases in flight
    timeout: float = 30.0  # seconds a case may take
    recursion_limit: int = 25  # of LangGraph, per case
    budget: Budget = Budget()
    env: tuple[str, ...] = ()  # environment variables that the app needs, checked before spending
    fresh: bool = False  # pass over earlier records
    replay: bool = True


# ---- what the app is -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a file. Offsets count bytes from the start of the file, end exclusive."""

    file: str  # relative to the repo root, with forward slashes
    start: int
    end: int
    line: int  # 1-based line of start
    end_line: int


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in a prompt that the app fills in."""

    name: str  # what it is called: "ticket", "state['ticket']"
    source: str  # exactly as written with its braces: "{ticket}", "{state['x']!r:>10}", "{{ ticket }}"


Parts = tuple[str | Variable, ...]  # a prompt as literal text (unescaped) and variables, in order


@dataclass(frozen=True, slots=True)
class Prompt:
    """One authored text that reaches a model."""

    id: str  # stable within a version: "graphs/x/prompts.py:CLASSIFY" or "file:line"
    span: Span  # of the literal with its quotes, or of the whole text file
    kind: str  # constant, fstring, format, message, file, argument
    template: TemplateKind  # how its variables are written
    role: str  # system, human, ai or "" when unknown
    parts: Parts
    nodes: tuple[str, ...]  # every node that it feeds
    proof: Proof
    hops: tuple[str, ...] = ()  # how the text travels to the call, "file:line what"
    reason: str = ""  # why it is not proved, in words

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables in order, repeats kept."""
        return tuple(p.name for p in self.parts if isinstance(p, Variable))

    @property
    def text(self) -> str:
        """The text as a person reads it: literals unescaped, variables as written in the source."""
        return "".join(p if isinstance(p, str) else p.source for p in self.parts)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model as constructed in the source."""

    provider: str  # "openai", "embedded", or "" when unknown
    id: str  # model id, or "" when it is not static
    parameters: Mapping[str, Json]  # temperature, max_tokens, ... as far as static
    where: str  # "file:line" of the constructor


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the app's graph."""

    name: str
    graph_file: str  # file with the add_node
    line: int  # of the add_node
    function: str  # name of the node's function, "" when unresolved
    file: str  # file of the function
    first_line: int
    last_line: int
    is_llm: bool
    why: str  # "calls llm.invoke at nodes.py:14", or why not
    calls: tuple[str, ...] = ()  # "file:line" of each model call
    models: tuple[ModelUse, ...] = ()
    prompts: tuple[str, ...] = ()  # ids of its prompts


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found in a tree."""

    graph: str  # "path.py:name", the entry
    nodes: tuple[Node, ...]
    prompts: tuple[Prompt, ...]
    notes: tuple[str, ...] = ()  # what could not be resolved, in words


# ---- what was measured ---------------------------------------------------------------------------------------------


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
    base: str = ""  # enters the key of every call that is not affected: the generation of the baseline
    salt: str = ""  # enters the key of every affected call instead, so that arms do not share its draw
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


@dataclass(frozen=True, slots=True)
class Score:
    """One metric of one run. Unscored is a value of its own, never 0."""

    metric: str
    case: str
    k: int
    value: float | None  # in the metric's unit; None = unscored
    reason: str = ""  # why unscored


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


# ---- what is tried and decided -------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """One idea: the whole new text of one prompt."""

    technique: str  # one technique, such as "few-shot examples"
    parts: Parts  # the same variables as before, each with its source unchanged
    why: str  # one sentence: the symptom that calls for it


@dataclass(frozen=True, slots=True)
class Change:
    """A proposal bound to a place: one node, one technique."""

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
    p: float | None  # one-sided; None when nothing can be tested
    effect: float | None  # Cohen's d of the paired differences; None when their spread is 0
    improved: int  # units with d > 0
    kept: int  # d = 0
    worse: int  # d < 0
    method: str  # "exact sign-flip", "permutation", "normal", "none"


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
class Decision:
    """Keep or revert, with everything that the claim rests on."""

    verdict: Verdict
    comparison: Comparison
    guards: tuple[Guard, ...]
    alpha: float  # level of this confirmation
    words: str  # the reason in one or two sentences


@dataclass(frozen=True, slots=True)
class Spend:
    """What was used so far."""

    calls: int = 0  # really made
    replayed: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    usd: float | None = 0.0  # None as soon as one call is unpriced


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate of one iteration, kept or not."""

    iteration: int  # 1-based
    change: Change
    screen: Comparison | None  # on dev; None when it never ran
    stage: str  # where it ended: "refused", "no effect", "futile", "screened out", "not chosen", "confirmed", "kept"
    words: str
    decision: Decision | None = None  # on the holdout, of the one that was confirmed


@dataclass(frozen=True, slots=True)
class Result:
    """One goal at the end of a run."""

    goal: Goal
    initial: Summary  # holdout where there is one, else all cases
    final: Summary
    state: Literal["met", "reached", "missed", "unknown"]
    achievement: float | None  # 0-1: value/target, or target/value where lower is better, capped


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
