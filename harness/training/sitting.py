"""One sitting of a job: the training itself, told as events, and the estimate of its time by a few steps.

The bridge from the light half of the room to torch; decides nothing about processes or states.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from harness.training import checkpoint, events, jobs, leaving, loop, weights
from harness.training.batches import collate
from harness.training.estimate import Estimate
from harness.training.forward import loss_of
from harness.training.loop import Course, Progress
from harness.training.methods import METHODS
from harness.training.preparing import Ready
from harness.training.rates import RATES
from harness.training.spec import Spec

_PACE = 0.5  # seconds between two progress events
_PROBES = 2  # batches by which the pace is measured, after one that warms up


def train(folder: Path, asked: Spec, ready: Ready, trained: Callable[[], None] = lambda: None) -> None:
    """Train from the last checkpoint to the end, leave ``result/``, and tell it; ``trained`` is called between."""
    torch.set_num_threads(asked.threads)
    torch.manual_seed(ready.parameters.seed)
    model = METHODS[asked.method].build(ready.base, ready.parameters)
    if ready.parameters.gradient_checkpointing:
        loop.spare_memory(model)
    course = course_of(folder, asked, ready)
    foreseen = paced(model, course, asked, ready)
    events.tell(folder, "metric_update", estimate=asdict(foreseen), device=str(model.device))
    progress = loop.train(model, course, _Teller(folder))
    trained()
    told = leaving.metrics(model, progress, foreseen)
    leaving.leave(folder, asked, ready, model, told)
    events.tell(folder, "status_change", status=jobs.SUCCEEDED, metrics=told)


def course_of(folder: Path, asked: Spec, ready: Ready, epochs: int = 0) -> Course:
    """The loop's orders; ``epochs`` instead of those that were chosen."""
    rate = RATES[asked.method].at(ready.base.hidden) * ready.parameters.learning_rate_multiplier
    return Course(
        training=ready.training.kept,
        validation=ready.validation.kept,
        parameters=ready.parameters,
        epochs=epochs or ready.epochs,
        rate=rate,
        pad=ready.tokenizer.pad_token_id,
        folder=folder,
    )


def paced(model: Any, course: Course, asked: Spec, ready: Ready) -> Estimate:
    """The estimate with time and money, by the pace of a few batches whose gradients are thrown away.

    Leaves weights and random state as they were.
    """
    size = course.parameters.batch_size
    state = checkpoint.of_randomness()
    model.train()
    took, tokens = 0.0, 0
    for number in range(_PROBES + 1):
        rows = [course.training[(number * size + at) % len(course.training)] for at in range(size)]
        batch = collate(rows, course.pad).to(model.device)
        begun = time.perf_counter()
        loss_of(model, batch)[0].backward()  # type: ignore[no-untyped-call]
        if number:
            took, tokens = took + time.perf_counter() - begun, tokens + batch.tokens
    model.zero_grad()
    checkpoint.into_randomness(state)
    checked = ready.validation.tokens * ready.epochs / 3  # a validation runs forwards only
    seconds = (ready.estimate.tokens + checked) * took / max(tokens, 1)
    usd = asked.usd_per_hour * seconds / 3600 if asked.usd_per_hour else None
    return replace(ready.estimate, seconds=seconds, usd=usd, trained=weights.count(model)[0])


def foreseen(asked: Spec, ready: Ready) -> Estimate:
    """The whole estimate of a job that is not started."""
    torch.set_num_threads(asked.threads)
    torch.manual_seed(ready.parameters.seed)
    model = METHODS[asked.method].build(ready.base, ready.parameters)
    if ready.parameters.gradient_checkpointing:
        loop.spare_memory(model)
    return paced(model, course_of(Path(), asked, ready), asked, ready)


class _Teller:
    """Turns the progress of the loop into events, not too many of them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._told, self._epochs = folder, 0.0, 0

    def __call__(self, progress: Progress, steps: int) -> None:
        """After every step and every epoch."""
        for epoch in progress.history[self._epochs :]:
            events.tell(self._folder, "metric_update", **asdict(epoch), step=progress.step, tokens=progress.tokens)
        self._epochs = len(progress.history)
        now = time.monotonic()
        if now - self._told >= _PACE:
            self._told = now
            events.tell(self._folder, "progress_update", **_place(progress, steps))


def _place(progress: Progress, steps: int) -> dict[str, Any]:
    left = progress.seconds / max(progress.step, 1) * (steps - progress.step)
    loss = progress.summed / progress.weighed if progress.weighed else None
    return {
        "percent": round(100 * progress.step / max(steps, 1), 1),
        "epoch": progress.epoch + (progress.batch > 0),
        "step": progress.step,
        "steps": steps,
        "tokens": progress.tokens,
        "loss": loss,
        "seconds": round(progress.seconds, 2),
        "eta": round(left, 1),
    }
