"""What a training leaves: its figures, and the folder ``result/`` with weights and manifest, whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from harness.training import bases, jobs, loop, manifest, weights
from harness.training.estimate import Estimate
from harness.training.loop import Progress
from harness.training.manifest import Manifest
from harness.training.methods import METHODS
from harness.training.preparing import Ready
from harness.training.spec import Spec

_NO_SPACE = f"os error {errno.ENOSPC}"


def metrics(model: Any, progress: Progress, foreseen: Estimate) -> dict[str, Any]:
    """What it came to and took, beside what was foreseen."""
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


def leave(folder: Path, asked: Spec, ready: Ready, model: Any, told: dict[str, Any]) -> None:
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
    manifest.write(new, _manifest(folder, asked, ready, told))
    shutil.rmtree(folder / jobs.RESULT, ignore_errors=True)
    new.rename(folder / jobs.RESULT)
    for name in (loop.CHECKPOINT, loop.BEST):
        (folder / name).unlink(missing_ok=True)


def _manifest(folder: Path, asked: Spec, ready: Ready, told: dict[str, Any]) -> Manifest:
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
        metrics=told,
    )
