"""What travels between the nodes of the loop: small plain data, and the live things beside it.

State is checkpointed, so it holds ids and counts only; payloads are in the journal under the step names of ``Notes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from harness.cases import Split
from harness.journal import FINISHED, Journal, Ledger, Notes
from harness.measure import Meter
from harness.protocols import App, Host, Metric, Progress, Proposer
from harness.repo import Worktree
from harness.types import Settings


class State(TypedDict, total=False):
    """The state of the graph; every key is written by the node that owns it."""

    baseline_only: bool  # stop after phase 2
    given: bool  # one change of the user's own is tried, and no other
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
    pair: list[str]  # change ids of this round that are still to be put together; [] = none
    stem: str  # change id that the next proposals build on; "" = the best version
    climbs: int  # rounds that built the pool up to now, 0 = no further one is to
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
    bounds: dict[tuple[str, int], float | None] = field(default_factory=dict)  # of means, by metric and generation

    @property
    def notes(self) -> Notes:
        """Typed access to the journal."""
        return Notes(self.journal)

    @property
    def deciding(self) -> str:
        """Id prefix of the set that decides: "holdout", or "all" when there is one stage."""
        return "holdout" if self.split.two_stage else "all"

    @contextmanager
    def checkout(self, name: str, commit: str = "") -> Iterator[Path]:
        """A tree of ``commit``, or of the best version so far, to run the app in.

        Whatever is done there is gone afterwards.
        """
        try:
            yield self.worktree.candidate(name, commit)
        finally:
            self.worktree.drop(name)

    @contextmanager
    def current(self, best: str) -> Iterator[App]:
        """The best version so far, at work; ``best`` is its commit."""
        with self.checkout("best") as tree, closing(self.host.open(tree, best)) as app:
            yield app

    def end(self, words: str) -> None:
        """Leave nothing but the branch, free to be checked out, and the record that says why the run ended."""
        self.worktree.remove()
        self.journal.append(FINISHED, "end", {"stopped": words})
