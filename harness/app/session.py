"""Gets jobs through a process that may hang, crash or leave: who is to blame, who is run again.

One job, one run, whatever happens. A job is blamed for the end of the process only when it named itself or was alone;
otherwise everything in flight is run again, one at a time. Never waits: the pool does. Knows neither the graph nor the
meaning of a case.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.app.convert import call_from, calls_from, failed_run, fault_from, job_message
from harness.app.pace import Pace
from harness.types import Call, Fault, FaultKind, Job, Run

if TYPE_CHECKING:
    from harness.app.client import ChildApp

GRACE = 3.0  # seconds that the worker has to report a timeout of its own before it counts as frozen


@dataclass(eq=False)
class _Flight:
    """A job with what its earlier tries left behind."""

    n: int
    job: Job
    tries: int = 0  # that ended in a fault of the network
    ready: float = 0.0  # time.monotonic() before which it is not tried again
    sent: float = 0.0
    made: dict[str, Call] = field(default_factory=dict)
    errors: list[Call] = field(default_factory=list)


class Session:
    """One process's part in one call of ``App.run``. Used by one thread."""

    def __init__(self, app: ChildApp, jobs: Iterator[Job], on_call: Callable[[Job, Call], None]) -> None:
        self._app, self._jobs, self._on_call = app, jobs, on_call
        self._pace = Pace(app.share, app.options.backoff)
        self._flights: dict[int, _Flight] = {}
        self._again: list[_Flight] = []  # to be tried again, at their time
        self._suspects: deque[_Flight] = deque()  # to be run alone
        self._count = 0
        self._exhausted = self._tired = False
        self._leaving: int | None = None  # number of the job that left by os._exit

    @property
    def in_flight(self) -> bool:
        """Whether the process is working for this session."""
        return bool(self._flights)

    @property
    def idle(self) -> bool:
        """Nothing is under way or waiting to be tried again; asked after ``fill``, all is done."""
        return not self._flights and not self._again and not self._suspects

    def fill(self) -> None:
        """Send what may be sent."""
        if self._tired and not self._flights:
            self._app.restart()
            self._tired = False
        while not self._tired and len(self._flights) < (1 if self._suspects else self._pace.limit):
            flight = self._next()
            if flight is None:
                return
            flight.sent = time.monotonic()
            link = self._app.link()
            self._flights[flight.n] = flight
            link.channel.send(job_message(flight.n, flight.job, flight.made))

    def _next(self) -> _Flight | None:
        if self._suspects:
            return self._suspects.popleft() if not self._flights else None
        now = time.monotonic()
        due = next((flight for flight in self._again if flight.ready <= now), None)
        if due is not None:
            self._again.remove(due)
            return due
        job = None if self._exhausted else next(self._jobs, None)
        if job is None:
            self._exhausted = True
            return None
        self._count += 1
        return _Flight(self._count, job)

    def pump(self) -> Iterator[Run]:
        """Act on everything that has happened, and on what should have happened by now."""
        while self._flights:
            event = self._app.link().event(0.0)
            if event is None:
                break
            yield from self._act(event)
        if self._flights and time.monotonic() >= self._deadline():
            yield from self._lost("timeout", "")

    def _act(self, event: dict[str, Any]) -> Iterator[Run]:
        op, flight = event["op"], self._flights.get(event.get("n", 0))
        if op == "call" and flight is not None:
            self._note_call(flight, event["call"])
        elif op == "done" and flight is not None:
            yield from self._done(flight, event)
        elif op == "tired":
            self._tired = True
        elif op == "leaving":
            self._leaving = event["n"]
        elif op == "stuck":
            yield from self._lost("timeout", event["traceback"])
        elif op == "gone":
            yield from self._lost("exit", "")

    def patience(self) -> float:
        """Seconds until there is something to do though nothing happens; may be negative. Not for an idle session."""
        times = [self._deadline()] if self._flights else []
        if len(self._flights) < self._pace.limit and not self._suspects:
            times += [flight.ready for flight in self._again]
        return min(times, default=0.0) - time.monotonic()

    def _deadline(self) -> float:
        """Of the flight sent first, which is the first in the order of sending."""
        return next(iter(self._flights.values())).sent + self._app.options.timeout + GRACE

    def _note_call(self, flight: _Flight, data: dict[str, Any]) -> None:
        retries = sum(call.key == data["key"] for call in flight.errors)
        call = call_from(data, retries, self._app.redact)
        if call.error:
            flight.errors.append(call)
        else:
            flight.made[call.key] = call
        self._on_call(flight.job, call)
        self._app.link().channel.send({"op": "kept", "n": flight.n})

    def _done(self, flight: _Flight, event: dict[str, Any]) -> Iterator[Run]:
        fault = event["fault"]
        del self._flights[flight.n]
        if fault is None:
            self._pace.faster()
        elif fault["kind"] == "infrastructure":
            flight.tries += 1
            if fault["limited"]:
                self._pace.slower(len(self._flights) + 1)
            if flight.tries < self._app.options.attempts and not fault["refused"]:
                flight.ready = time.monotonic() + self._pace.wait(flight.tries, fault["retry_after"], flight.job.seed)
                self._again.append(flight)
                return
        job = flight.job
        yield Run(
            case=job.case.id,
            k=job.k,
            salt=job.salt,
            version=self._app.version,
            output=event["output"],
            fault=None if fault is None else fault_from(fault, self._app.redact),
            calls=calls_from(event["calls"], flight.made, flight.errors, job),
            seconds=event["seconds"],
        )

    def _lost(self, kind: FaultKind, trace: str) -> Iterator[Run]:
        """The process is gone or frozen: blame one job for it, run the others again."""
        link = self._app.link()
        status = link.status() if kind == "exit" else None
        self._app.restart()
        flights, self._flights = self._flights, {}
        culprit = flights.pop(self._leaving, None) if self._leaving is not None else None
        self._leaving, self._tired = None, False
        if culprit is None and len(flights) == 1:
            _, culprit = flights.popitem()
            innocent: list[_Flight] = []
        else:
            innocent = list(flights.values())
        if culprit is None:
            self._suspects.extend(innocent)
            return
        self._again = innocent + self._again
        fault = self._timeout(trace) if kind == "timeout" else self._exit(status, link.tail.last_words(self._app.tree))
        calls = (*culprit.made.values(), *culprit.errors)
        yield failed_run(culprit.job, self._app.version, fault, calls, time.monotonic() - culprit.sent)

    def _timeout(self, trace: str) -> Fault:
        text = f"no output within {self._app.options.timeout:g} s, and the process did not answer"
        return Fault(kind="timeout", type="Timeout", message=text, traceback=trace)

    def _exit(self, status: int | None, tail: str) -> Fault:
        how = "ended" if status is None else f"ended with exit code {status}"
        if status is not None and status < 0:
            names = {number.value: number.name for number in signal.Signals}
            how = f"was ended by {names.get(-status, f'signal {-status}')}"
        text = f"the app's process {how}"
        return Fault(kind="exit", type="ProcessExit", message=text, traceback=self._app.redact.text(tail))
