"""What travels between the nodes of the loop: small plain data, and the live things beside it.

State is checkpointed, so it holds ids and counts only; payloads are in the journal under the step names of ``Notes``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, TypeVar

from harness.cases import Split
from harness.journal import FINISHED, Journal, Ledger
from harness.journal.codec import from_json, to_json
from harness.measure import Meter
from harness.protocols import Host, Metric, Progress, Proposer
from harness.repo import Worktree
from harness.types import Change, Discovery, FailurePattern, Goals, Outcome, Settings, Summary, Target, Trial

T = TypeVar("T")


class State(TypedDict, total=False):
    """The state of the graph; every key is written by the node that owns it."""

    baseline_only: bool  # stop after phase 2
    generation: int  # 0 = the app as found; + 1 with every kept change
    best: str  # commit of the best version so far
    iteration: int  # confirmations done
    rounds: int  # times that candidates were proposed
    counter: int  # changes numbered so far
    target: str  # prompt id in work
    exhausted: list[str]  # prompt ids with nothing left to try in this generation
    tried: list[str]  # digests of texts not to be proposed again
    candidates: list[str]  # change ids of this round
    pool: list[str]  # change ids that passed the screen, best first, not yet confirmed
    kept: bool  # the last confirmation was kept
    stopped: str  # why the run ends; "" while it goes on
    exhausted_budget: bool  # it ends because the budget is used up
    phases: dict[str, float]  # seconds by phase


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of a run."""

    root: Path  # the user's repo, never written
    inputs: Path  # copies of the goals file and the cases as they were at the start
    folder: Path  # what the run leaves for the machine: summary.json, run_1.json, ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """The live things of a run, made by the door and handed to every node as ``Runtime.context``."""

    run_id: str
    places: Places
    entry: str
    settings: Settings
    split: Split
    journal: Journal
    ledger: Ledger
    meter: Meter
    host: Host
    worktree: Worktree
    metrics: Mapping[str, Metric]
    proposers: Sequence[Proposer]
    progress: Progress
    clock: Callable[[], float]  # monotonic seconds
    now: Callable[[], str]  # ISO 8601, UTC

    @property
    def notes(self) -> Notes:
        """Typed access to the journal."""
        return Notes(self.journal)

    @property
    def deciding(self) -> str:
        """Id prefix of the set that decides: "holdout", or "all" when there is one stage."""
        return "holdout" if self.split.two_stage else "all"

    def end(self, words: str) -> None:
        """Leave nothing but the branch, free to be checked out, and the record that says why the run ended."""
        self.worktree.remove()
        self.journal.append(FINISHED, "end", {"stopped": words})


@dataclass(frozen=True, slots=True)
class Notes:
    """The journal by noun: one step name per payload, written once."""

    journal: Journal

    def put(self, kind: str, step: str, value: object) -> None:
        """Write a payload; a step that stands already is left as it is."""
        self.journal.append(kind, f"{kind}:{step}", to_json(value))

    def get(self, kind: str, step: str, noun: type[T]) -> T:
        """Read a payload. Raises KeyError when the step was never written."""
        data = self.journal.get(f"{kind}:{step}")
        if data is None:
            raise KeyError(f"{kind}:{step}")
        return from_json(noun, data)

    def has(self, kind: str, step: str) -> bool:
        """Whether the step stands."""
        return self.journal.get(f"{kind}:{step}") is not None

    def goals(self) -> Goals:
        """The goals with relative ones resolved, or as read before the baseline stands."""
        return self.get("goals", "resolved" if self.has("goals", "resolved") else "read", Goals)

    def discovery(self, generation: int) -> Discovery:
        """What was found in a generation, confirmed by its recorded runs when they exist."""
        kind = "proved" if self.has("proved", str(generation)) else "found"
        return self.get(kind, str(generation), Discovery)

    def targets(self, generation: int) -> tuple[Target, ...]:
        """The target list of a generation, highest priority first."""
        return self.get("targets", str(generation), tuple[Target, ...])

    def failures(self, generation: int) -> tuple[FailurePattern, ...]:
        """Failure patterns of the dev cases."""
        return self.get("failures", str(generation), tuple[FailurePattern, ...])

    def summaries(self, part: str, generation: int) -> tuple[Summary, ...]:
        """Summaries by metric over "dev", "holdout" or "all"."""
        return self.get(f"summary-{part}", str(generation), tuple[Summary, ...])

    def change(self, change_id: str) -> Change:
        """One candidate change."""
        return self.get("change", change_id, Change)

    def trials(self) -> tuple[Trial, ...]:
        """Every trial, in the order of the change ids; the latest word on each."""
        found: dict[str, Trial] = {}
        for event in self.journal.read("trial"):
            trial = from_json(Trial, event.data)
            found[trial.change.id] = trial
        return tuple(found[key] for key in sorted(found, key=lambda name: (len(name), name)))

    def outcome(self) -> Outcome:
        """The end of the run."""
        return self.get("outcome", "end", Outcome)
