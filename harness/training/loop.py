"""The one training loop: AdamW, warm-up and linear decay, validation after every epoch, the best weights kept.

Equal seeds give equal weights on a CPU, and a training that goes on from a checkpoint ends with the weights of one that
was never disturbed. Knows no methods, jobs or files but its two.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from harness.training import checkpoint
from harness.training.batches import collate, order
from harness.training.encode import Encoded
from harness.training.forward import loss_of, precision, validate
from harness.training.parameters import Parameters
from harness.training.weights import trained

CHECKPOINT, BEST = "checkpoint.safetensors", "best.safetensors"
_EPOCHS, _MOST_EPOCHS, _STEPS = 3, 20, 300  # where none are named: 3, more until so many steps are made, 20 at most


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass, as measured."""

    epoch: int  # 1-based
    training_loss: float  # weighted mean over the pass, nats a token
    validation_loss: float | None  # over answer tokens; None = no validation
    exact: float | None  # share of validation examples whose every answer token was the likeliest


@dataclass(slots=True)
class Progress:
    """Where a training is; all that its checkpoint must say beside tensors."""

    epoch: int = 0  # passes done
    batch: int = 0  # batches done of the pass that is going on
    step: int = 0  # of the optimizer
    tokens: int = 0  # trained on, without padding
    summed: float = 0.0  # loss of this pass so far, weighted
    weighed: float = 0.0  # weight of this pass so far
    best: float | None = None  # validation loss of the best weights
    best_epoch: int = 0
    waited: int = 0  # validations since the last that counted as better
    seconds: float = 0.0  # spent training, over all sittings
    history: list[Epoch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Course:
    """What is to be done."""

    training: Sequence[Encoded]
    validation: Sequence[Encoded]
    parameters: Parameters
    epochs: int
    rate: float  # of the optimizer at its height
    pad: int  # token id
    folder: Path  # where checkpoint and best weights lie
    pause: float = 30.0  # seconds of training between checkpoints within an epoch

    @property
    def steps(self) -> int:
        """Of the optimizer, should it not stop early."""
        return self.epochs * steps_of(len(self.training), self.parameters)


Told = Callable[[Progress, int], None]  # progress, and steps in all; called after every step and every epoch


def steps_of(examples: int, parameters: Parameters) -> int:
    """Optimizer steps of one epoch."""
    return math.ceil(math.ceil(examples / parameters.batch_size) / parameters.gradient_accumulation)


def epochs_of(examples: int, parameters: Parameters) -> int:
    """The epochs named, or 3, or for small sets as many as make 300 steps, at most 20."""
    if parameters.epochs is not None:
        return parameters.epochs
    return max(_EPOCHS, min(_MOST_EPOCHS, math.ceil(_STEPS / steps_of(examples, parameters))))


def train(model: Any, course: Course, told: Told) -> Progress:
    """Train to the end, from the checkpoint in the folder where there is one; the model is left with the best weights.

    The best weights are those of the lowest validation loss, or the last ones where nothing is validated.
    """
    parameters = course.parameters
    optimizer = _optimizer(model, parameters.weight_decay)
    progress = _resumed(model, optimizer, course.folder)
    while progress.epoch < course.epochs and not _stopped(progress, parameters):
        _epoch(model, optimizer, course, progress, told)
        told(progress, course.steps)
    if course.validation and (best := checkpoint.read(course.folder / BEST)):
        _restore(model, best[0])
    model.eval()
    return progress


def spare_memory(model: Any) -> None:
    """Compute activations again on the way back instead of keeping them."""
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model.enable_input_require_grads()


def _epoch(model: Any, optimizer: torch.optim.Optimizer, course: Course, progress: Progress, told: Told) -> None:
    """What is left of one pass, its validation and its checkpoint."""
    begun, saved = time.monotonic(), progress.seconds
    already = progress.seconds
    model.train()
    for group in _groups(course, progress):
        _step(model, optimizer, course, progress, group)
        progress.seconds = already + time.monotonic() - begun
        if progress.seconds - saved > course.pause:
            _save(model, optimizer, course.folder, progress)
            saved = progress.seconds
        told(progress, course.steps)
    _measure(model, course, progress)
    progress.seconds = already + time.monotonic() - begun
    _save(model, optimizer, course.folder, progress)


def _groups(course: Course, progress: Progress) -> Iterator[list[list[int]]]:
    """The batches of each step that is left of this pass."""
    size, together = course.parameters.batch_size, course.parameters.gradient_accumulation
    batches = order(course.training, size, course.parameters.seed, progress.epoch)
    for start in range(progress.batch, len(batches), together):
        yield batches[start : start + together]


def _step(
    model: Any, optimizer: torch.optim.Optimizer, course: Course, progress: Progress, group: list[list[int]]
) -> None:
    """One step of the optimizer; the loss is the mean over the whole group, however it is cut into batches."""
    batches = [collate([course.training[number] for number in numbers], course.pad) for numbers in group]
    weight = sum(batch.weights[:, 1:].sum().item() for batch in batches) or 1.0
    for place in optimizer.param_groups:
        place["lr"] = course.rate * _share(progress.step, course.steps, course.parameters.warmup_ratio)
    for batch in batches:
        with precision(model.device):
            lost, _ = loss_of(model, batch.to(model.device))
        (lost / weight).backward()  # type: ignore[no-untyped-call]
        progress.summed += lost.item()
        progress.tokens += batch.tokens
    torch.nn.utils.clip_grad_norm_(trained(model).values(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    progress.weighed += weight
    progress.batch += len(group)
    progress.step += 1


def _measure(model: Any, course: Course, progress: Progress) -> None:
    """Validate the pass that has just ended, and keep the weights where they are the best so far."""
    loss = exact = None
    if course.validation:
        loss, exact = validate(model, course.validation, course.parameters.batch_size, course.pad)
        _judge(model, course, progress, loss)
    mean = progress.summed / max(progress.weighed, 1e-9)
    progress.epoch += 1
    progress.history.append(Epoch(progress.epoch, mean, loss, exact))
    progress.batch, progress.summed, progress.weighed = 0, 0.0, 0.0


def _judge(model: Any, course: Course, progress: Progress, loss: float) -> None:
    better = progress.best is None or loss < progress.best
    counts = progress.best is None or loss < progress.best - course.parameters.min_improvement
    progress.waited = 0 if counts else progress.waited + 1
    if better:
        progress.best, progress.best_epoch = loss, progress.epoch + 1
        checkpoint.write(course.folder / BEST, dict(trained(model)), {"loss": loss})


def _stopped(progress: Progress, parameters: Parameters) -> bool:
    return progress.waited >= parameters.patience


def _share(step: int, steps: int, warmup: float) -> float:
    """Of the full rate: up to it in the warm-up, then down in a straight line."""
    rising = math.ceil(warmup * steps)
    return (step + 1) / rising if step < rising else max((steps - step) / max(steps - rising, 1), 0.0)


def _optimizer(model: Any, decay: float) -> torch.optim.AdamW:
    matrices = [one for one in trained(model).values() if one.ndim > 1]
    vectors = [one for one in trained(model).values() if one.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=0.0)


def _save(model: Any, optimizer: torch.optim.Optimizer, folder: Path, progress: Progress) -> None:
    weights = {f"weights.{name}": one for name, one in trained(model).items()}
    tensors = {**weights, **checkpoint.of_optimizer(optimizer), **checkpoint.of_randomness()}
    checkpoint.write(folder / CHECKPOINT, tensors, asdict(progress))


def _resumed(model: Any, optimizer: torch.optim.Optimizer, folder: Path) -> Progress:
    """Where the checkpoint says, with its tensors in place; the start where there is none."""
    found = checkpoint.read(folder / CHECKPOINT)
    if found is None:
        return Progress()
    tensors, state = found
    _restore(
        model, {name.removeprefix("weights."): one for name, one in tensors.items() if name.startswith("weights.")}
    )
    checkpoint.into_optimizer(optimizer, tensors)
    checkpoint.into_randomness(tensors)
    return Progress(**{**state, "history": [Epoch(**one) for one in state["history"]]})


@torch.no_grad()
def _restore(model: Any, weights: dict[str, Tensor]) -> None:
    for name, one in trained(model).items():
        one.copy_(weights[name])
