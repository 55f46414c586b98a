"""One sitting of a job: its data made ready, the training itself, and the folder that it leaves.

The bridge from the light half of the room to torch; decides nothing about processes or states.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from harness.errors import UserError
from harness.training import (
    bases,
    checkpoint,
    division,
    encode,
    estimate,
    events,
    examples,
    jobs,
    loop,
    manifest,
    weights,
)
from harness.training.bases import Base
from harness.training.batches import collate
from harness.training.estimate import Estimate
from harness.training.loop import Course, Progress
from harness.training.manifest import Manifest
from harness.training.methods import METHODS
from harness.training.parameters import Parameters
from harness.training.rates import RATES
from harness.training.spec import Spec

_PACE = 0.5  # seconds between two progress events
_PROBES = 2  # batches by which the pace is measured, after one that warms up
_NO_SPACE = f"os error {errno.ENOSPC}"


@dataclass(frozen=True, slots=True)
class Ready:
    """A job whose data is understood."""

    base: Base
    parameters: Parameters
    tokenizer: Any
    training: encode.Read
    validation: encode.Read
    digest: str  # of the examples
    epochs: int
    estimate: Estimate  # without time
    notes: tuple[str, ...]  # what a user should know before it starts


def prepare(asked: Spec, base: Base, chosen: Parameters, data: Sequence[examples.Example]) -> Ready:
    """Divide and tokenize. Raises UserError where too little is left to train on."""
    tokenizer = weights.tokenizer(base.folder, asked.template)
    sides = division.divide(data, chosen.validation_split, chosen.seed)
    limit = min(chosen.max_length or base.context, base.context)
    training, validation = (
        encode.encode(tokenizer, part, chosen.prompt_loss_weight, limit) for part in (sides.training, sides.validation)
    )
    notes = _notes(asked, chosen, training, validation, limit)
    epochs = loop.epochs_of(len(training.kept), chosen)
    longest = max(training.longest, validation.longest)
    taken = Estimate(
        memory=estimate.memory(base, asked.method, chosen, longest),
        available=estimate.available(),
        trained=estimate.trained(base, asked.method, chosen),
        tokens=epochs * training.tokens,
    )
    if taken.memory > taken.available:
        fits = estimate.what_fits(base, asked.method, chosen, longest, taken.available)
        needs = f"about {taken.memory / 1e9:.1f} GB are needed and {taken.available / 1e9:.1f} GB are free"
        notes = (*notes, f"{needs}; what fits: {fits}")
    digest = examples.digest(data)
    return Ready(base, chosen, tokenizer, training, validation, digest, epochs, taken, notes)


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
    metrics = _metrics(model, progress, foreseen)
    _leave(folder, asked, ready, model, metrics)
    events.tell(folder, "status_change", status=jobs.SUCCEEDED, metrics=metrics)


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
        loop.loss_of(model, batch)[0].backward()  # type: ignore[no-untyped-call]
        if number:
            took, tokens = took + time.perf_counter() - begun, tokens + batch.tokens
    model.zero_grad()
    checkpoint.into_randomness(state)
    checked = ready.validation.tokens * ready.epochs / 3  # a validation runs forwards only
    seconds = (ready.estimate.tokens + checked) * took / max(tokens, 1)
    usd = asked.usd_per_hour * seconds / 3600 if asked.usd_per_hour else None
    return replace(ready.estimate, seconds=seconds, usd=usd, trained=weights.count(model)[0])


def _notes(
    asked: Spec, chosen: Parameters, training: encode.Read, validation: encode.Read, limit: int
) -> tuple[str, ...]:
    """Raises UserError where too few examples fit, or none that could validate."""
    notes = []
    if long := training.too_long + validation.too_long:
        answers = training.answers_too_long + validation.answers_too_long
        said = f"{long} examples are longer than {limit} tokens and are left out"
        notes.append(said + (f"; of {answers} the answer alone is longer" if answers else ""))
    if len(training.kept) + len(validation.kept) < examples.FEWEST or not training.kept:
        left = len(training.kept) + len(validation.kept)
        said = f"{left} examples fit into {limit} tokens, at least {examples.FEWEST} are needed"
        raise UserError(said, where=asked.data, fix="shorten the examples, or name a base with a longer context")
    if not chosen.validation_split:
        notes.append(
            "validation_split is 0: nothing shows whether it learns by heart, it does not stop early, "
            "and the last weights are kept"
        )
    elif not validation.kept:
        said = f"no validation example fits into {limit} tokens"
        raise UserError(said, where=asked.data, fix="shorten the examples, or set validation_split=0")
    return tuple(notes)


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


def _metrics(model: Any, progress: Progress, foreseen: Estimate) -> dict[str, Any]:
    moved, whole = weights.count(model)
    last = progress.history[-1]
    best = progress.history[progress.best_epoch - 1] if progress.best_epoch else last
    return {
        "training_loss": last.training_loss,
        "validation_loss": best.validation_loss,
        "validation_exact": best.exact,
        "epochs": progress.epoch,
        "best_epoch": best.epoch,
        "steps": progress.step,
        "tokens": progress.tokens,
        "seconds": progress.seconds,
        "estimated_seconds": foreseen.seconds,
        "peak_bytes": peak(model),
        "estimated_bytes": foreseen.memory,
        "usd": None if foreseen.usd is None else foreseen.usd * progress.seconds / max(foreseen.seconds or 0.0, 1e-9),
        "trained_parameters": moved,
        "parameters": whole,
        "device": str(model.device),
        "dtype": str(next(model.parameters()).dtype).removeprefix("torch."),
    }


def peak(model: Any) -> int:
    """Bytes: of the GPU where it was trained there, else of the process."""
    if model.device.type == "cuda":
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _leave(folder: Path, asked: Spec, ready: Ready, model: Any, metrics: dict[str, Any]) -> None:
    """``result/``, whole or not at all; the checkpoint has served."""
    new = folder / f"{jobs.RESULT}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        METHODS[asked.method].save(model, ready.base, new)
    except SafetensorError as error:
        if _NO_SPACE in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(new)) from error
        raise
    if asked.template:
        (new / "chat_template.jinja").write_text(weights.TEMPLATES[asked.template], "utf-8")
    manifest.write(new, _manifest(folder, asked, ready, metrics))
    shutil.rmtree(folder / jobs.RESULT, ignore_errors=True)
    new.rename(folder / jobs.RESULT)
    for name in (loop.CHECKPOINT, loop.BEST):
        (folder / name).unlink(missing_ok=True)


def _manifest(folder: Path, asked: Spec, ready: Ready, metrics: dict[str, Any]) -> Manifest:
    counts = {
        "training": len(ready.training.kept),
        "validation": len(ready.validation.kept),
        "too_long": ready.training.too_long + ready.validation.too_long,
    }
    return Manifest(
        job=folder.name,
        name=asked.name,
        method=asked.method,
        base=asked.base,
        base_path=str(ready.base.folder),
        base_digest=bases.digest(ready.base.folder),
        parameters=asdict(replace(ready.parameters, epochs=ready.epochs)),
        data=asked.data,
        data_digest=ready.digest,
        examples=counts,
        metrics=metrics,
    )


def foreseen(asked: Spec, ready: Ready) -> Estimate:
    """The whole estimate of a job that is not started."""
    torch.set_num_threads(asked.threads)
    torch.manual_seed(ready.parameters.seed)
    model = METHODS[asked.method].build(ready.base, ready.parameters)
    if ready.parameters.gradient_checkpointing:
        loop.spare_memory(model)
    return paced(model, course_of(Path(), asked, ready), asked, ready)
