"""What a network makes of a batch: the weighted loss that training lowers, and what validation tells."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from harness.training.batches import Batch, by_length, collate
from harness.training.encode import Encoded


@torch.inference_mode()
def validate(model: Any, rows: Sequence[Encoded], size: int, pad: int) -> tuple[float, float]:
    """(loss over answer tokens in nats, share of rows whose every answer token was the likeliest)."""
    model.eval()
    lost = tokens = right = 0.0
    for numbers in by_length(rows, size):
        batch = collate([rows[number] for number in numbers], pad).to(model.device)
        with precision(model.device):
            logits = _logits(model, batch)
        answers = batch.weights[:, 1:] == 1.0
        losses = functional.cross_entropy(logits.flatten(0, 1), batch.ids[:, 1:].flatten(), reduction="none")
        lost += losses[answers.flatten()].sum().item()
        tokens += answers.sum().item()
        right += ((logits.argmax(-1) == batch.ids[:, 1:]) | ~answers).all(1).sum().item()
    return lost / max(tokens, 1), right / len(rows)


def loss_of(model: Any, batch: Batch) -> tuple[Tensor, float]:
    """(sum of the weighted losses of a batch's tokens, sum of the weights)."""
    weights = batch.weights[:, 1:]
    logits = _logits(model, batch)
    losses = functional.cross_entropy(logits.flatten(0, 1), batch.ids[:, 1:].flatten(), reduction="none")
    return (losses * weights.flatten()).sum(), weights.sum().item()


def _logits(model: Any, batch: Batch) -> Tensor:
    """Predictions of tokens 1 to the last, in float32. [rows, length - 1, vocabulary]"""
    logits: Tensor = model(input_ids=batch.ids).logits
    return logits[:, :-1].float()


def precision(device: torch.device) -> AbstractContextManager[Any]:
    """bfloat16 where the device is built for it; a CPU trains models of this size no faster with it."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()
