"""A run that can be advanced to its end, and what a door injects into it. Knows not what a run is made of."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from harness import journal, loop
from harness.cases import sealing
from harness.errors import BudgetError, HarnessError, MachineError
from harness.protocols import Progress
from harness.repo import Repo
from harness.session.checkpoints import config_of, last_state, saver
from harness.types import Json, Outcome


@dataclass(frozen=True, slots=True)
class Kit:
    """What a door injects, so that tests can inject others."""

    progress: Progress
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], str] = lambda: datetime.now(UTC).isoformat(timespec="seconds")
    begun: Callable[[str], object] = str  # told the id of a run as soon as that can be resumed


@dataclass(frozen=True, slots=True)
class Session:
    """A run that can be advanced to its end."""

    wiring: loop.Wiring
    repo: Repo
    base: str  # commit to tune
    baseline_only: bool  # stop after phase 2
    own: tuple[str, ...]  # files that may be uncommitted: read where they stand, never written
    facts: Mapping[str, Json]  # what was written down when the run began

    def begin(self) -> loop.State:
        """Run the loop from its start. Returns the last state."""
        return self._advance(
            loop.initial_state(self.base, baseline_only=self.baseline_only, given=loop.GIVEN in self.facts)
        )

    def go_on(self) -> loop.State:
        """Run the loop from where it was left; from its start when it had not come to a first step."""
        return self._advance(None) if last_state(self.repo, self.wiring.run_id) else self.begin()

    def outcome(self) -> Outcome:
        """The end of a finished run."""
        return self.wiring.notes.outcome()

    def found(self) -> tuple[str, ...]:
        """What the baseline showed that a reader must know, in sentences."""
        return loop.found_in_baseline(self.wiring)

    def apply(self) -> str:
        """Fast-forward the user's checkout to the run's branch; raises RepoError with the command to do it by hand."""
        return self.repo.apply_ff(self.wiring.worktree.branch, exclude=self.own)

    def _advance(self, start: loop.State | None) -> loop.State:
        with saver(self.repo) as checkpoints:
            graph = loop.build(checkpoints)
            try:
                with sealing(self.wiring.split.holdout):
                    final = graph.invoke(start, config_of(self.wiring.run_id), context=self.wiring, durability="sync")
            except HarnessError as error:
                if not self._waits_for_more(error):
                    self.failed(error.message)
                raise
        return cast(loop.State, final)

    def _waits_for_more(self, error: HarnessError) -> bool:
        """Whether room or a budget can be given, so that the run is interrupted and `harness resume` finds it."""
        spent = isinstance(error, BudgetError) and bool(self.wiring.journal.all_runs())
        return spent or isinstance(error, MachineError)

    def failed(self, message: str) -> None:
        """Tell a run that cannot go on as things stand from one that was interrupted.

        One that measured nothing leaves nothing: there is nothing to go on with, the next try is a run of its own.
        """
        record = self.wiring.journal
        record.append(journal.FAILED, f"failed:{len(record.read(journal.FAILED))}", {"stopped": message})
        if not record.all_runs():
            self.wiring.worktree.discard(self.base)
            shutil.rmtree(self.wiring.places.folder)
