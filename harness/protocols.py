"""The contracts between rooms. Whoever implements one runs the suite of the same name in ``tests/conformance/``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from harness.types import Brief, Call, Case, Direction, Facts, Job, Json, Proposal, Run, Spend, Trial


class App(Protocol):
    """One version of the user's app, started and ready."""

    version: str  # commit of the tree

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        """Run jobs with bounded concurrency and yield each as it completes, in any order; every job yields once.

        ``jobs`` is consumed lazily, so that a budget can stop it. ``on_call`` is called in this process's thread of the
        caller for every call really made, before its run is yielded: what it has stored survives a kill.
        A failure of the app is a Run with a fault, never an exception. Raises AppError only when the app cannot be
        started again at all. Closing the iterator abandons the jobs in flight.
        """
        ...

    def describe(self) -> Facts:
        """What the app is, as found when it was started."""
        ...

    def close(self) -> None:
        """End the app's process. Safe to call twice."""
        ...


class Host(Protocol):
    """The preloaded process that starts versions of the app cheaply."""

    def open(self, tree: Path, version: str) -> App:
        """Start the app as it stands in ``tree``. Raises AppError with the app's own frames when it cannot."""
        ...

    def close(self) -> None:
        """End the host and every app it started. Safe to call twice."""
        ...


class Metric(Protocol):
    """A module: one file, one metric."""

    NAME: str
    VERSION: str
    DIRECTION: Direction  # which way is better
    UNIT: str  # "" for a share of 1, "s", "tokens", "USD"

    def score(self, case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
        """The value in UNIT, or a sentence that says why it cannot be scored.

        Pure: the same case and run give the same value. Called for runs with a fault too: accuracy scores an app's own
        failure 0 and leaves an infrastructure fault unscored.
        """
        ...


@runtime_checkable
class Counted(Protocol):
    """What a metric offers besides whose value on a set is a formula of counts, and no mean over cases.

    Its STATISTIC names the formula (``stats.formulas``). STATISTIC "p95" of a metric without counts is the percentile
    of its values.
    """

    STATISTIC: str

    def record(self, case: Case, run: Run, options: Mapping[str, Json]) -> Mapping[str, float]:
        """Counts by name, to be added up over runs; asked where ``score`` gave a value."""
        ...


class Proposer(Protocol):
    """A module: one file, one technique or a family of them."""

    NAME: str
    VERSION: str

    def propose(self, brief: Brief) -> Sequence[Proposal]:
        """Ideas for one prompt, best first; none where nothing sensible can be said. Deterministic given the brief."""
        ...


@runtime_checkable
class Spender(Protocol):
    """What a proposer that calls a model of its own offers besides."""

    def drain(self) -> Sequence[Call]:
        """The calls made since this was last asked, failed ones too; each is told once."""
        ...


class Desk(Protocol):
    """What a metric that asks a model is served: the record of its calls, and what may still be asked."""

    @property
    def asks(self) -> bool:
        """Whether calls may be made; False = there is only what is on record."""
        ...

    @property
    def concurrency(self) -> int:
        """Questions under way at a time."""
        ...

    @property
    def patience(self) -> float:
        """Seconds that one may take."""
        ...

    def recorded(self, key: str) -> Call | None:
        """The call of that key that was answered before, in this run or another."""
        ...

    def keep(self, call: Call) -> None:
        """Record and pay one call, failed ones too."""
        ...

    def note(self, call: Call) -> None:
        """Record what costs nothing here."""
        ...

    def left(self) -> int | None:
        """Calls that the budget still allows, None = any number."""
        ...

    def refuse(self) -> None:
        """Raise BudgetError, in the words of the budget."""
        ...

    def found(self, case: str, k: int) -> Run | None:
        """The run of the app as found, None where none is recorded."""
        ...

    def told(self, text: str) -> str:
        """``text`` without the secrets of this process's environment."""
        ...


@runtime_checkable
class Asking(Protocol):
    """What a metric that asks a model offers besides. It is pure in what is on record: a question is asked once."""

    def serve(self, desk: Desk) -> None:
        """Hand it what it needs; a score before that is a sentence."""
        ...

    def ahead(self, pairs: Iterable[tuple[Case, Run]]) -> None:
        """Ask about these runs, several at a time; raises BudgetError where the budget does not allow it."""
        ...


class CallStore(Protocol):
    """Durable record of model calls, content-addressed."""

    def recorded(self, case: str, k: int, salts: Sequence[str]) -> Mapping[str, Call]:
        """Successful calls of (case, k) recorded under any of the salts, by key."""
        ...

    def record(self, case: str, k: int, salt: str, call: Call) -> None:
        """Store one call before returning, safe from a kill. Storing a key twice keeps the first that succeeded."""
        ...


class RunStore(Protocol):
    """Durable record of the runs of one harness run, by label of what was measured."""

    def load_runs(self, label: str) -> list[Run]:
        """Every run saved under the label, in no special order."""
        ...

    def save_runs(self, label: str, runs: Sequence[Run]) -> None:
        """Store runs before returning, safe from a kill; one (label, case, k) is stored once, the first wins."""
        ...

    def forget_runs(self, label: str, runs: Sequence[Run]) -> None:
        """Take back runs that measured nothing, so that they can be made again."""
        ...


class Progress(Protocol):
    """Where a run says how far it is. Implementations print or stay silent; they never raise."""

    def phase(self, name: str) -> None:
        """A phase of the run begins."""
        ...

    def work(self, label: str, done: int, total: int) -> None:
        """``done`` of ``total`` units of the current work are finished."""
        ...

    def ahead(self, runs: int) -> None:
        """At most so many runs lie ahead, from here to the next decision: the works to come count too."""
        ...

    def spent(self, spend: Spend) -> None:
        """What the whole run has used up to now; said after every run of a case."""
        ...

    def tried(self, trial: Trial) -> None:
        """A candidate came to its end; said again when a resumed step comes to the same one."""
        ...

    def note(self, text: str) -> None:
        """A sentence worth keeping on the screen."""
        ...
