"""The case law of ``tests/worlds.py`` for an app that is tuned: every prompt draws all skills anew, none is better.

Standard library alone, because the app holds a copy of this file. A case has a skill x = mu + s z for each prompt; a
run of it is right when x plus the noise of the run is above 0. Half of the variance of the noise is the reply of a call
before the prompt (``upstream``), which replay shares between arms, half is drawn by each call. All draws are hashes, so
that the same request always has the same reply.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from statistics import NormalDist

ACCURACY = 0.60
DRIFT_OVER = 5_000  # case evaluations in which a drifting endpoint moves by ``Law.drift``
LABELS = ("billing", "technical", "account", "shipping")
FOUND = "Sort the message of a customer. Name its topic."
_NORMAL = NormalDist()


def share(*parts: object) -> float:
    """A number in (0, 1) drawn from ``parts``."""
    data = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return (int.from_bytes(data[:6], "big") + 0.5) / 2**48


def normal(*parts: object) -> float:
    """A standard normal number drawn from ``parts``."""
    return _NORMAL.inv_cdf(share(*parts))


def label_of(case: int) -> str:
    """The right answer."""
    return LABELS[case % len(LABELS)]


@dataclass(frozen=True, slots=True)
class Law:
    """One world, and the seed of everything that is drawn in it. See ``tests.worlds.World`` for the fields."""

    seed: int
    dev: int  # the first cases are those of dev
    spread: float = 1.0
    noise: float = 1.0
    cluster: int = 1
    overfit: float = 0.0
    drift: float = 0.0

    def mu(self, accuracy: float) -> float:
        """Mean skill of a mean accuracy."""
        return _NORMAL.inv_cdf(accuracy) * math.hypot(self.spread, self.noise)

    def skill(self, prompt: str, case: int, evaluations: int) -> float:
        """x of a case under a prompt, after so many evaluations."""
        z = normal("skill", self.seed, prompt, case)
        if self.cluster > 1:
            z = (z + normal("document", self.seed, prompt, case // self.cluster)) * math.sqrt(0.5)
        gift = self.overfit if case < self.dev and prompt != FOUND else 0.0
        drifted = self.mu(ACCURACY + self.drift * evaluations / DRIFT_OVER) - self.mu(ACCURACY)
        return self.mu(ACCURACY + gift) + self.spread * z + drifted

    def upstream(self, case: int, *luck: object) -> str:
        """The reply of the call before the prompt: the shared half of the noise."""
        return f"{normal('upstream', self.seed, case, *luck):.6f}"

    def answer(self, prompt: str, case: int, upstream: float, evaluations: int, *luck: object) -> str:
        """The label that a call gives; ``luck`` names the draw."""
        own = normal("run", self.seed, prompt, case, *luck) if self.noise else 0.0
        right = self.skill(prompt, case, evaluations) + (upstream + own) * math.sqrt(0.5) * self.noise > 0
        return LABELS[(case + (0 if right else 1)) % len(LABELS)]
