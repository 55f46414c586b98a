"""One request on its way through an engine: what was asked, how far it is, and how its caller learns the answer.

This module knows nothing of models or threads beyond the future it completes.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence, Set
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from torch import Tensor

from harness.models.sampling import Sampling, draw
from harness.models.shaped import Shape, scores
from harness.models.transcript import Transcript

FinishReason = Literal["stop", "length"]


@dataclass(frozen=True)
class Completion:
    """One answer."""

    text: str
    finish_reason: FinishReason  # "stop": the model ended it or a stop string was met; "length": a limit was
    prompt_tokens: int
    cached_tokens: int  # of the prompt tokens, those whose state was at hand
    completion_tokens: int  # sampled, end token included


class Listener(Protocol):
    """Gets the pieces of an answer as they become certain, then None once. Called in the engine's thread."""

    def put(self, piece: str | None, /) -> None:
        """Must neither block nor raise."""
        ...


class Row:
    """A request while it is generated. ``position`` counts the tokens whose state is in the slot."""

    def __init__(self, prompt: tuple[int, ...], sampling: Sampling, transcript: Transcript, budget: int) -> None:
        self.prompt, self.sampling = prompt, sampling
        self.adapter: Path | None = None  # that the answer goes through
        self.feed = prompt  # tokens of the next step
        self.slot = self.position = self.cached = self.sampled = 0
        self.future: Future[Completion] = Future()
        self._transcript = transcript
        self._budget = budget  # tokens that may be sampled in all
        self._listener: Listener | None = None
        self.shape: Shape | None = None  # what the answer may become
        self._random = random.Random(secrets.randbits(64) if sampling.seed is None else sampling.seed)

    def listen(self, listener: Listener) -> None:
        """Send the pieces of the answer there too, and None at its end, whatever the end is."""
        self._listener = listener
        self.future.add_done_callback(lambda _: listener.put(None))

    def uniform(self) -> float:
        """The next number of this row's own random stream, in [0, 1)."""
        return self._random.random()

    def noise(self) -> int:
        """The next seed of the same stream."""
        return self._random.getrandbits(63)

    def start(self, slot: int, cached: int) -> None:
        """Take a slot that already holds the state of the first ``cached`` tokens."""
        self.slot, self.cached, self.position = slot, cached, cached
        self.feed = self.prompt[cached:]

    def accept(self, token: int, eos_ids: Set[int]) -> FinishReason | None:
        """Take the token sampled after ``feed``; returns why the answer is complete, or None."""
        self.position += len(self.feed)
        self.feed = (token,)
        self.sampled += 1
        if token in eos_ids:
            return "stop"
        self._tell(self._transcript.add(token))
        if self._transcript.stopped or (self.shape is not None and self.shape.complete):
            return "stop"
        return "length" if self.sampled == self._budget else None

    def complete(self, reason: FinishReason) -> None:
        """Hand the answer over. A caller that cancelled meanwhile is not waiting; nothing happens then."""
        self._tell(self._transcript.close())
        text = self._transcript.text
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(Completion(text, reason, len(self.prompt), self.cached, self.sampled))

    def fail(self, error: Exception) -> None:
        """Hand an error over instead of an answer."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)

    def _tell(self, piece: str) -> None:
        if piece and self._listener is not None:
            self._listener.put(piece)


def sampled(rows: Sequence[Row], logits: Tensor, ends: Set[int]) -> list[int]:
    """The next token of each row, in their order: as drawn, or what the wanted form of its answer allows. [R, V]"""
    tokens = draw(logits, [row.sampling for row in rows], [row.uniform() for row in rows])
    for at, row in enumerate(rows):
        if row.shape is not None:
            tokens[at] = row.shape.choose(scores(logits[at], row.sampling, row.noise()), ends)
    return tokens
