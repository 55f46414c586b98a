"""Generation for many callers at once: a model, loaded, and the one thread that generates with it.

The embedded architecture runs on an engine of our own (``batch``), every other one on transformers (``cohorts``).

An answer depends on weights, prompt, parameters and seed only. Which rows share a step changes the last bits of the
logits (a matrix product of another size sums in another order, about 1e-6), so a draw or a greedy tie that hangs on
those bits may differ; nothing else of one request can reach another.

No thread and no model exists before the first request, and a forked child starts with neither. A small model is
computed with one torch thread: for matrices of that size the barriers between threads cost more than they save as soon
as the cores are shared, and a process that never opened an OpenMP pool may fork safely. Weights replaced on disk are
seen by new processes only.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import torch

from harness.models import native
from harness.models.batch import Batch, Stats
from harness.models.folders import Place, place_of
from harness.models.request import Completion, Listener, Row
from harness.models.sampling import Sampling
from harness.models.shaped import Shape
from harness.models.template import ChatFormat, Message
from harness.models.transcript import Transcript

__all__ = ["Completion", "Engine", "EngineClosedError", "Format", "Listener", "Sampling", "Stats"]

_PREFIX_BYTES = 128 * 2**20  # of the prefix cache: about 20,000 tokens of the embedded model


class EngineClosedError(RuntimeError):
    """The engine was closed, or belongs to the process this one was forked from."""


class Format(Protocol):
    """How a model reads and writes. Safe to use from any number of threads."""

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]: ...
    def encode(self, text: str) -> tuple[int, ...]: ...
    def decode(self, ids: Sequence[int]) -> str: ...


class Work(Protocol):
    """The rows of an engine, all touched by its one thread."""

    model: Any
    context: int  # tokens of a prompt and its answer
    threads: int  # torch threads that it computes best with

    @property
    def stats(self) -> Stats: ...
    @property
    def busy(self) -> bool: ...
    def add(self, rows: Iterable[Row], /) -> None: ...
    def step(self) -> None: ...
    def fail(self, error: Exception, /) -> None: ...


class Engine:
    """Safe to use from any number of threads. Raises ValueError or FileNotFoundError for a folder it cannot run.

    ``adapter`` is part of every answer; where transformers runs the model, an adapter may be named per request instead.
    """

    def __init__(self, folder: Path, *, adapter: Path | None = None, prefix_bytes: int = _PREFIX_BYTES) -> None:
        self.format, self._batch = _open(folder, adapter, prefix_bytes)
        self.model = self._batch.model
        self._inbox: list[Row] = []
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._process = os.getpid()

    @property
    def stats(self) -> Stats:
        """Totals so far."""
        return self._batch.stats

    @property
    def context(self) -> int:
        """Tokens of a prompt and its answer together."""
        return self._batch.context

    def submit(
        self,
        prompt: tuple[int, ...],
        sampling: Sampling,
        listener: Listener | None = None,
        adapter: Path | None = None,
    ) -> Future[Completion]:
        """Queue a prompt of token ids and return at once. Cancelling the future frees the row at its next step.

        Raises ValueError for a prompt that is empty or longer than the model's context, and for a schema that cannot
        be followed.
        """
        row = self._row(prompt, sampling, live=listener is not None)
        row.adapter = adapter
        if listener is not None:
            row.listen(listener)
        with self._wake:
            if self._closed or self._process != os.getpid():
                raise EngineClosedError("this engine is closed or was made before a fork; ask shared_engine() again")
            self._inbox.append(row)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="harness-engine", daemon=True)
                self._thread.start()
            self._wake.notify()
        return row.future

    def generate(self, prompt: tuple[int, ...], sampling: Sampling, adapter: Path | None = None) -> Completion:
        """Submit and wait; an interrupt of the caller withdraws the request."""
        future = self.submit(prompt, sampling, adapter=adapter)
        try:
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Fail what is unfinished with EngineClosedError and end the thread. Safe to call twice."""
        with self._wake:
            self._closed = True
            thread = self._thread
            self._wake.notify()
        if thread is not None:
            thread.join()

    def _row(self, prompt: tuple[int, ...], sampling: Sampling, *, live: bool) -> Row:
        context = self._batch.context
        if not prompt:
            raise ValueError("the prompt is empty; the model needs at least one token to continue")
        if len(prompt) > context:
            raise ValueError(f"the prompt has {len(prompt)} tokens; the model reads at most {context}")
        # The last token sampled is never fed, so it needs no position of its own.
        budget = min(sampling.max_tokens, context - len(prompt) + 1)
        row = Row(prompt, sampling, Transcript(self.format.decode, sampling.stop, live=live), budget)
        if sampling.schema:
            row.shape = Shape(sampling.schema, self.format.decode)
        return row

    def _serve(self) -> None:
        torch.set_num_threads(self._batch.threads)
        try:
            while self._collect():
                self._batch.step()
        finally:
            # Also when a bug ends the thread: nobody waits for ever, and the next request starts another one.
            with self._wake:
                self._thread = None
                self._batch.add(self._inbox)
                self._inbox.clear()
                self._batch.fail(EngineClosedError("the engine stopped before this answer was complete"))

    def _collect(self) -> bool:
        """Wait for work and hand new rows to the batch; False when the engine is to end."""
        with self._wake:
            self._wake.wait_for(lambda: self._closed or self._inbox or self._batch.busy)
            self._batch.add(self._inbox)
            self._inbox.clear()
            return not self._closed


def _open(folder: Path, adapter: Path | None, prefix_bytes: int) -> tuple[Format, Work]:
    """Tokenizer and rows of a model folder."""
    place = Place(folder, adapter, place_of(str(adapter)).method if adapter else "")
    if native.runs(place):
        return ChatFormat(folder), _apart(lambda: _batch(place, prefix_bytes))
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} is not a model folder: {', '.join(native.FILES)} are looked for")
    return _general(folder)


def _batch(place: Place, prefix_bytes: int) -> Batch:
    model, head = native.load(place)
    return Batch(model, prefix_bytes, head)


def _general(folder: Path) -> tuple[Format, Work]:
    """Through transformers, whose import costs seconds."""
    try:
        from harness.models.cohorts import Cohorts
        from harness.models.general import General
        from harness.models.hubformat import HubFormat
    except ImportError as error:
        raise ImportError(f"{folder} needs transformers ({error}): pip install 'langgraph-harness[local]'") from error
    words = HubFormat(folder)
    return words, _apart(lambda: Cohorts(General(folder, words.eos_id)))


def _apart(load: Callable[[], Work]) -> Work:
    """Allocate and convert on a thread of one torch thread: the caller's must not open an OpenMP pool before a fork."""
    torch.get_num_threads()  # fixes the caller's own number, which a thread that sets another would otherwise change
    with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return pool.submit(load).result()
