"""The losses of one epoch, and how a job's events tell them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.training import events


@dataclass(frozen=True, slots=True)
class Loss:
    """In nats a token."""

    epoch: int  # 1-based
    training: float
    validation: float | None  # None = not validated


def of_job(folder: Path) -> list[Loss]:
    """By epoch; an epoch told twice, before and after a resume, counts as told last."""
    found: dict[int, Loss] = {}
    for one in events.read(folder, "metric_update"):
        epoch, training, validation = (one.data.get(key) for key in ("epoch", "training_loss", "validation_loss"))
        if isinstance(epoch, int) and isinstance(training, float):
            found[epoch] = Loss(epoch, training, validation if isinstance(validation, float) else None)
    return [found[epoch] for epoch in sorted(found)]
