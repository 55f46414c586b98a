"""The desk at which judges are served: the call store, the meter and the record of a run behind ``protocols.Desk``.

Knows no rubric. Calls of judges are kept under a shelf of their own, shared by all runs of a repository: the same
question to the same model is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from harness.journal import Notes
from harness.measure import Meter
from harness.protocols import Asking, CallStore, Metric
from harness.redaction import Redactor
from harness.types import Call, Run, Settings

SHELF = "judge"


@dataclass(slots=True)
class Desk:
    """Implements ``protocols.Desk``. Without a meter it only knows what is on record."""

    calls: CallStore
    settings: Settings
    as_found: Callable[[], Iterable[Run]]  # runs of the app as found
    meter: Meter | None = None
    notes: Notes | None = None
    _parts: dict[str, Mapping[str, Call]] = field(default_factory=dict)  # of the record, as first read
    _runs: dict[tuple[str, int], Run] = field(default_factory=dict)
    _redact: Redactor = field(default_factory=lambda: Redactor.of({}, ()))

    @property
    def asks(self) -> bool:
        """Whether calls may be made."""
        return self.meter is not None

    @property
    def concurrency(self) -> int:
        """As many at a time as cases of the app."""
        return self.settings.concurrency

    @property
    def patience(self) -> float:
        """As long as a case of the app."""
        return self.settings.timeout

    def recorded(self, key: str) -> Call | None:
        """Of every run of this repository, whatever case it was about."""
        part = _part(key)
        if part not in self._parts:
            self._parts[part] = self.calls.recorded(part, 0, (SHELF,))
        return self._parts[part].get(key)

    def keep(self, call: Call) -> None:
        """Into the call store, what it used into the journal, and its price to the meter."""
        self.note(call)
        if self.notes is not None:
            self.notes.add_judge_call(call)
        if self.meter is not None:
            self.meter.pay(call)

    def note(self, call: Call) -> None:
        """Into the call store alone."""
        self.calls.record(_part(call.key), 0, SHELF, call)

    def left(self) -> int | None:
        """By the meter; 0 without one."""
        return self.meter.calls_left() if self.meter is not None else 0

    def refuse(self) -> None:
        """By the meter."""
        if self.meter is not None:
            self.meter.check_budget("verdicts of a judge are left: ")

    def found(self, case: str, k: int) -> Run | None:
        """Of the same run index."""
        if (case, k) not in self._runs:
            self._runs = {(run.case, run.k): run for run in self.as_found()}
        return self._runs.get((case, k))

    def told(self, text: str) -> str:
        """As for every text of the app."""
        return self._redact.text(text)


def _part(key: str) -> str:
    """Where in the store a key stands, in place of a case: a few hundred parts, so that none is read whole."""
    return f"{SHELF}:{key[-2:]}"


def serve(metrics: Mapping[str, Metric], desk: Desk) -> None:
    """Hand the desk to every metric that asks a model."""
    for metric in metrics.values():
        if isinstance(metric, Asking):
            metric.serve(desk)
