"""How many cases may be in flight, and how long to wait before a retry. Pure arithmetic; knows no clock and no app."""

from __future__ import annotations

import random

LONGEST = 30.0  # seconds between two tries, unless the provider asks for more
GROWTH = 0.1  # slots won back by a run that ended well


class Pace:
    """Concurrency that halves when the provider asks for less and grows again slowly."""

    def __init__(self, most: int, backoff: float) -> None:
        self._most, self._backoff = most, backoff
        self._limit = float(most)

    @property
    def limit(self) -> int:
        """Cases that may be in flight now, at least one."""
        return max(1, int(self._limit))

    def slower(self, in_flight: int) -> None:
        """The provider refused. Refusals of calls that were already out when the limit fell do not count again."""
        if in_flight <= self.limit:
            self._limit = max(1.0, self._limit / 2)

    def faster(self) -> None:
        """A run ended well."""
        self._limit = min(float(self._most), self._limit + GROWTH)

    def wait(self, tries: int, asked: float, seed: int) -> float:
        """Seconds to wait after ``tries`` failed tries; ``asked`` is what the provider said, 0 for nothing.

        Full jitter between half and the whole of the doubled backoff, so that retries do not come in one wave.
        """
        full = min(LONGEST, self._backoff * 2.0 ** (tries - 1))
        return max(asked, full * random.Random(seed * 1000 + tries).uniform(0.5, 1.0))
