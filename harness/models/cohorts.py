"""Batching for any model: rows that wait start together, join those that run, and leave when they are done.

New rows of one adapter are fed in one padded pass and then join the running ones of the same adapter, so that each
step of an adapter is one pass. Where a model's cache cannot be joined (sliding windows), cohorts take turns.
Knows nothing of threads or text; whoever calls it does so from one thread.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.models.batch import Stats
from harness.models.cohort import Cohort
from harness.models.folders import NotAModelError
from harness.models.general import General
from harness.models.request import Row, sampled

_ROWS = 64  # rows generated at once
_STEP_TOKENS = 4096  # tokens of the prompts that start together, padding included


class Cohorts:
    """The rows of one engine."""

    def __init__(self, model: General) -> None:
        self.stats = Stats(0, 0, 0, 0, 0)
        self.model = model
        self.context, self.threads = model.context, model.threads
        self._pending: list[Row] = []
        self._running: list[Cohort] = []

    @property
    def busy(self) -> bool:
        """There is a row to advance."""
        return bool(self._pending or self._running)

    def add(self, rows: Iterable[Row]) -> None:
        """Queue rows; they start in this order, those of one adapter together."""
        self._pending.extend(rows)

    def step(self) -> None:
        """Advance every running row by one token and start what can be started.

        A pass that fails (memory, or an adapter that cannot be loaded) fails the rows that took part and no others.
        """
        self._withdraw()
        for cohort in self._running:
            self._advance(cohort)
        if started := self._admit():
            try:
                fresh = Cohort(self.model, started)
            except (RuntimeError, MemoryError, NotAModelError) as error:
                _fail(started, error)
            else:
                self._advance(fresh)
                self._running.append(fresh)
                self._count(started)
        self._running = _joined([cohort for cohort in self._running if cohort.rows])

    def fail(self, error: Exception) -> None:
        """Fail every row, running or pending."""
        _fail([*self._pending, *(row for cohort in self._running for row in cohort.rows)], error)
        self._pending, self._running = [], []

    def _withdraw(self) -> None:
        """Forget rows whose callers gave up."""
        self._pending = [row for row in self._pending if not row.future.cancelled()]
        for cohort in self._running:
            cohort.keep([row for row in cohort.rows if not row.future.cancelled()])
        self._running = [cohort for cohort in self._running if cohort.rows]

    def _admit(self) -> list[Row]:
        """The rows that start in this step: of the adapter that has waited longest, as many as there is room for."""
        free = _ROWS - sum(len(cohort.rows) for cohort in self._running)
        if not self._pending or free <= 0:
            return []
        adapter, chosen, width = self._pending[0].adapter, list[Row](), 0
        for row in self._pending:
            wider = max(width, len(row.prompt))
            fits = not chosen or wider * (len(chosen) + 1) <= _STEP_TOKENS
            if row.adapter == adapter and len(chosen) < free and fits:
                row.start(0, 0)
                chosen.append(row)
                width = wider
        taken = {id(row) for row in chosen}
        self._pending = [row for row in self._pending if id(row) not in taken]
        return chosen

    def _advance(self, cohort: Cohort) -> None:
        rows = cohort.rows
        try:
            logits = cohort.forward()
        except (RuntimeError, MemoryError, NotAModelError) as error:
            cohort.keep([])
            _fail(rows, error)
            return
        tokens = sampled(rows, logits, self.model.eos_ids)
        reasons = [row.accept(token, self.model.eos_ids) for row, token in zip(rows, tokens, strict=True)]
        cohort.keep([row for row, reason in zip(rows, reasons, strict=True) if reason is None])
        for row, reason in zip(rows, reasons, strict=True):
            if reason is not None:
                row.complete(reason)
        was = self.stats
        self.stats = Stats(was.requests, was.steps + 1, was.prompt_tokens, 0, was.sampled_tokens + len(rows))

    def _count(self, started: list[Row]) -> None:
        was, read = self.stats, sum(len(row.prompt) for row in started)
        self.stats = Stats(was.requests + len(started), was.steps, was.prompt_tokens + read, 0, was.sampled_tokens)


def _joined(cohorts: list[Cohort]) -> list[Cohort]:
    """As few cohorts as there can be."""
    left: list[Cohort] = []
    for cohort in cohorts:
        host = next((other for other in left if other.takes(cohort)), None)
        if host is None:
            left.append(cohort)
        else:
            host.take(cohort)
    return left


def _fail(rows: Iterable[Row], error: Exception) -> None:
    for row in rows:
        row.fail(error)
