"""A provider that fails now and then: by rate, one kind of fault after another, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from random import Random
from threading import Lock

from tests.providers.asked import Answer, Asked, Said

KINDS: tuple[Callable[[Said], Said], ...] = (
    lambda said: Said(status=429),
    lambda said: Said(status=500),
    lambda said: replace(said, broken="cut"),
    lambda said: replace(said, broken="drip"),
)


class Faulty:
    """Answers as ``answer`` does, but for a share of the calls; counts them."""

    def __init__(self, answer: Answer, rate: float, seed: int = 1) -> None:
        self._answer, self._rate, self._luck, self._lock = answer, rate, Random(seed), Lock()
        self._number = count()
        self.faults = 0

    def __call__(self, asked: Asked) -> Said:
        said = self._answer(asked)
        with self._lock:
            if self._luck.random() >= self._rate:
                return said
            self.faults += 1
            return KINDS[next(self._number) % len(KINDS)](said)
