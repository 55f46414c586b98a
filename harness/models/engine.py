"""Generation for many callers at once: a model folder, loaded, and the one thread that generates with it.

An answer depends on weights, prompt, parameters and seed only. Which rows share a step changes the last bits of the
logits (a matrix product of another size sums in another order, about 1e-6), so a draw or a greedy tie that hangs on
those bits may differ; nothing else of one request can reach another.

No thread and no model exists before the first request, and a forked child starts with neither. The engine computes
with one torch thread: for matrices of this size the barriers between threads cost more than they save as soon as the
cores are shared, and a process that never opened an OpenMP pool may fork safely. Weights replaced on disk are seen by
new processes only.
"""

from __future__ import annotations

import atexit
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import torch

from harness.models.batch import Batch, Stats
from harness.models.lfm2 import Lfm2
from harness.models.request import Completion, Listener, Row
from harness.models.sampling import Sampling
from harness.models.template import ChatFormat
from harness.models.transcript import Transcript

__all__ = ["Completion", "Engine", "EngineClosedError", "Listener", "Sampling", "Stats", "shared_engine"]

_PREFIX_BYTES = 128 * 2**20  # of the prefix cache: about 20,000 tokens of the embedded model


class EngineClosedError(RuntimeError):
    """The engine was closed, or belongs to the process this one was forked from."""


class Engine:
    """Safe to use from any number of threads. Raises ValueError or FileNotFoundError for a folder it cannot run."""

    def __init__(self, folder: Path, *, prefix_bytes: int = _PREFIX_BYTES) -> None:
        missing = [
            name
            for name in ("config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors")
            if not (folder / name).is_file()
        ]
        if missing:
            raise FileNotFoundError(f"{folder} is not a model folder: {', '.join(missing)} missing")
        self.format = ChatFormat(folder)
        self._batch = _load(folder, prefix_bytes)
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

    def submit(
        self, prompt: tuple[int, ...], sampling: Sampling, listener: Listener | None = None
    ) -> Future[Completion]:
        """Queue a prompt of token ids and return at once. Cancelling the future frees the row at its next step.

        Raises ValueError for a prompt that is empty or longer than the model's context.
        """
        row = self._row(prompt, sampling, live=listener is not None)
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

    def generate(self, prompt: tuple[int, ...], sampling: Sampling) -> Completion:
        """Submit and wait; an interrupt of the caller withdraws the request."""
        future = self.submit(prompt, sampling)
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
        context = self.model.shape.context
        if not prompt:
            raise ValueError("the prompt is empty; the model needs at least one token to continue")
        if len(prompt) > context:
            raise ValueError(f"the prompt has {len(prompt)} tokens; the model reads at most {context}")
        # The last token sampled is never fed, so it needs no position of its own.
        budget = min(sampling.max_tokens, context - len(prompt) + 1)
        return Row(prompt, sampling, Transcript(self.format.decode, sampling.stop, live=live), budget)

    def _serve(self) -> None:
        torch.set_num_threads(1)
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


def _load(folder: Path, prefix_bytes: int) -> Batch:
    """Allocate and convert on a thread of one torch thread: the caller's must not open an OpenMP pool before a fork."""
    torch.get_num_threads()  # fixes the caller's own number, which a thread that sets another would otherwise change
    with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return pool.submit(lambda: Batch(Lfm2.load(folder), prefix_bytes)).result()


class _Registry:
    """The engines of this process, one per folder."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start afresh; in a forked child the lock may be held by a thread that does not exist there."""
        self._lock = threading.Lock()
        self._engines: dict[Path, Engine] = {}

    def get(self, folder: Path) -> Engine:
        key = folder.resolve()
        with self._lock:
            if key not in self._engines:
                self._engines[key] = Engine(key)
            return self._engines[key]

    def close(self) -> None:
        with self._lock:
            for engine in self._engines.values():
                engine.close()


_registry = _Registry()
# A torch call that is running when the interpreter goes would crash it.
atexit.register(_registry.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_registry.forget)


def shared_engine(folder: Path) -> Engine:
    """This process's engine for a folder, loaded at the first call."""
    return _registry.get(folder)
