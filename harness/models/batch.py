"""Continuous batching: which rows share a step, whose state lies where, who waits for whose prompt.

Every step feeds the next token of each running row and the whole prompt of each new one in a single forward pass.
What a prompt shares with an earlier one comes out of the prefix cache; of prompts that arrive together and begin alike
one goes first and the others follow a step later, so a shared beginning is computed once.
This module knows nothing of threads or text; whoever calls it does so from one thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from harness.models.lfm2 import Lfm2
from harness.models.prefix import PrefixCache, common
from harness.models.request import Row, sampled
from harness.models.slots import Segment, Slots
from harness.models.steps import Step

_ROWS = 32  # rows generated at once
_STEP_TOKENS = 512  # prompt tokens fed per step: more would delay running rows without being faster
_WORTH_WAITING = 16  # tokens in common with a prompt of this step from which on a prompt waits for it


@dataclass(frozen=True)
class Stats:
    """Totals since the engine was made."""

    requests: int  # prompts computed
    steps: int  # forward passes
    prompt_tokens: int
    cached_tokens: int  # of the prompt tokens, those taken from the prefix cache
    sampled_tokens: int


class Batch:
    """The rows of one engine and their state."""

    def __init__(self, model: Lfm2, prefix_bytes: int, head: Segment | None = None) -> None:
        """``head`` is the state of a trained prefix: it stands before every prompt."""
        self.stats = Stats(0, 0, 0, 0, 0)
        self.model = model
        self.threads = 1
        self._head = head
        self._before = 0 if head is None else head.positions
        self.context = model.shape.context - self._before
        self._slots = Slots(model.state, _ROWS)
        self._free = list(reversed(range(_ROWS)))
        self._prefixes = PrefixCache(prefix_bytes)
        self._pending: list[Row] = []
        self._running: list[Row] = []

    @property
    def busy(self) -> bool:
        """There is a row to advance."""
        return bool(self._pending or self._running)

    def add(self, rows: Iterable[Row]) -> None:
        """Queue rows; they start in this order as far as slots and shared prompts allow."""
        self._pending.extend(rows)

    def step(self) -> None:
        """Advance every running row by one token and start what can be started.

        A forward pass that fails (memory, most likely) fails the rows that took part and no others.
        """
        self._withdraw()
        started = self._admit()
        if not self._running:
            return
        self._running.sort(key=lambda row: len(row.feed) > 1)  # Step wants one-token rows first
        try:
            tokens = self._forward()
        except (RuntimeError, MemoryError) as error:
            self._end(self._running, error)
            return
        for row in started:
            self._prefixes.add(row.prompt, partial(self._read, row.slot))
        self._accept(tokens)
        self._count(started)

    def fail(self, error: Exception) -> None:
        """Fail every row, running or pending."""
        self._end(self._running, error)
        for row in self._pending:
            row.fail(error)
        self._pending.clear()

    def _withdraw(self) -> None:
        """Forget rows whose callers gave up."""
        self._pending = [row for row in self._pending if not row.future.cancelled()]
        for row in [row for row in self._running if row.future.cancelled()]:
            self._leave(row)

    def _admit(self) -> list[Row]:
        """Give slots to pending rows; returns those that start in this step."""
        started: list[Row] = []
        later: list[Row] = []
        room = _STEP_TOKENS
        for row in self._pending:
            if not self._free or room <= 0 or self._waits(row, started):
                later.append(row)
                continue
            self._start(row)
            started.append(row)
            room -= len(row.feed)
        self._pending = later
        return started

    def _waits(self, row: Row, started: list[Row]) -> bool:
        """A prompt that starts in this step will leave more of this one's beginning behind than is at hand now."""
        known = self._prefixes.match(row.prompt)
        return any(common(row.prompt, other.prompt) >= known + _WORTH_WAITING for other in started)

    def _start(self, row: Row) -> None:
        # The last token is fed in any case: its logits choose the first token of the answer.
        reusable = row.prompt[:-1]
        slot, done = self._free.pop(), 0
        self._slots.reserve(self._before + len(row.prompt))
        if self._head is not None:
            self._slots.write(slot, 0, self._head)
        for segment in self._prefixes.segments(reusable):
            self._slots.write(slot, self._before + done, segment)
            done += segment.positions
        row.start(slot, done)
        self._running.append(row)

    def _read(self, slot: int, start: int, end: int) -> Segment:
        """The state of a slot's row at these positions of its prompt."""
        return self._slots.read(slot, self._before + start, self._before + end)

    def _forward(self) -> list[int]:
        """One token for each running row, in their order."""
        placed = [(row, self._before + row.position) for row in self._running]
        self._slots.reserve(max(start + len(row.feed) for row, start in placed))
        singles = [(row.slot, start, row.feed[0]) for row, start in placed if len(row.feed) == 1]
        spans = [(row.slot, start, row.feed) for row, start in placed if len(row.feed) > 1]
        logits = self.model.forward(Step.of(singles, spans), self._slots)
        return sampled(self._running, logits, self.model.shape.eos_ids)

    def _accept(self, tokens: list[int]) -> None:
        for row, token in zip(list(self._running), tokens, strict=True):
            reason = row.accept(token, self.model.shape.eos_ids)
            if reason is not None:
                self._leave(row)
                row.complete(reason)

    def _end(self, rows: Iterable[Row], error: Exception) -> None:
        for row in list(rows):
            self._leave(row)
            row.fail(error)

    def _leave(self, row: Row) -> None:
        self._running.remove(row)
        self._free.append(row.slot)
        self._free.sort(reverse=True)  # the lowest slot is taken first: attention runs over all below the highest

    def _count(self, started: list[Row]) -> None:
        was = self.stats
        self.stats = Stats(
            requests=was.requests + len(started),
            steps=was.steps + 1,
            prompt_tokens=was.prompt_tokens + sum(len(row.prompt) for row in started),
            cached_tokens=was.cached_tokens + sum(row.cached for row in started),
            sampled_tokens=was.sampled_tokens + len(self._running),
        )
