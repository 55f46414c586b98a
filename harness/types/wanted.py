"""What the user wants: goals, cases, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.types.base import Direction, FileTemplate, Json


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
class Measure:
    """What a goal must know of the metric that it names."""

    direction: Direction  # which way is better
    unit: str  # UNIT of the metric: "" = a share of 1, "s", "tokens", "USD", or one of its own
    refusal: str = ""  # why no goal can be set on it, in words; "" = one can
    fix: str = ""  # what to do instead


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
    command: str = ""  # evaluation command, run instead of a graph; "" = the goals file's where `prompts` are named
    prompts: tuple[str, ...] = ()  # whole text files that the command's app reads: "prompts/*.md"
    templates: Mapping[str, FileTemplate] = field(default_factory=dict)  # how the variables of such a file are written
    format: Literal["", "json", "junit", "promptfoo", "inspect"] = ""  # of the command's results; "" = told by content
    cases: str = ""  # path of the case file; "" = what the goals file says, else evals/cases.jsonl
    goals: tuple[str, ...] = ()  # goals in words, beside or instead of the goals file
    python: str = ""  # interpreter of the app; "" = the repo's .venv if it has one, else ours
    link: tuple[str, ...] = ()  # files the app needs and git ignores or filters (LFS), linked into private trees
    holdout: str = ""  # file of sealed cases outside the repo; "" = split by hash
    metrics: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)  # options by metric name
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # model id -> USD per 1M tokens in, out
    proposers: tuple[str, ...] = (  # names, "llm:PROVIDER:MODEL" or "file.py:function"; "builtin" = all techniques
        "few_shot", "label_list", "definitions", "rules", "output_format", "temperature", "edge_cases", "conciseness",
        "max_tokens", "split", "caching",
    )  # fmt: skip
    models: tuple[str, ...] = ()  # ids that a model may be changed to, cheapest first; `model_choice` proposes them
    allow: tuple[str, ...] = ()  # beyond prompts and numbers: "adapter" trains one, "adapter:FOLDER" tries that one
    nodes: tuple[str, ...] = ()  # tune only these nodes; none named = all with a proved prompt
    pinned: bool | None = None  # the model cannot drift (at temperature 0: it repeats itself); left out = local models
    seed: int = 42  # of every draw that harness makes
    runs: int = 5  # k: runs per case when deciding
    alpha: float = 0.05  # chance that a whole run keeps a change that makes no difference
    max_iterations: int = 5  # m: confirmations on the sealed holdout; together they use alpha at most
    max_candidates: int = 20  # candidates screened in one iteration
    compose: int = 0  # rounds on dev that build on the best candidate before it is confirmed; 0 = it is confirmed alone
    join: bool = True  # the two most promising changes of a round are also tried together; false = each alone
    looks: int = 3  # of a confirmation, at equal parts of the holdout; it may end at each; 1 = all cases at once
    margin: float = 0.10  # non-inferiority margin of guardrails, as a fraction of the baseline
    until: Literal["reached", "met"] = "reached"  # how sure a goal must be before the run stops
    concurrency: int = 8  # cases in flight, over all workers
    workers: int = 1  # processes of the app: more help where the app itself keeps a core busy
    timeout: float = 30.0  # seconds a case may take
    recursion_limit: int = 25  # of LangGraph, per case
    budget: Budget = Budget()
    env: tuple[str, ...] = ()  # environment variables that the app needs, checked before spending
    fresh: bool = False  # pass over earlier records
    replay: bool = True  # calls that a change cannot affect are taken from the record

    @property
    def external(self) -> bool:
        """Whether a command of the repo's own evaluates the cases, instead of a graph that is driven."""
        return bool(self.command or self.prompts)

    @property
    def spends(self) -> str:
        """What a budget of calls counts."""
        return "case evaluations" if self.external else "model calls"

    @property
    def few_runs(self) -> int:
        """Runs per case where more would not change a decision: on dev, and in the baseline after a kept change."""
        return min(3, self.runs)

    @property
    def per_round(self) -> int:
        """Candidates proposed together. Fewer where rounds build on one another: many small steps climb higher."""
        return min(6, self.max_candidates) if self.compose else self.max_candidates

    @property
    def most_candidates(self) -> int:
        """Candidates of one iteration, over all of its rounds."""
        return self.per_round * (1 + self.compose) + (self.join and not self.compose)
