"""Encoded examples -> batches of near equal length, in an order that follows from seed and epoch alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

from harness.training.encode import Encoded

_POOL = 50  # batches among which lengths are sorted: enough to lose the padding, few enough to stay a shuffle


@dataclass(frozen=True, slots=True)
class Batch:
    """Right-padded: a causal model needs no mask for what comes after a token."""

    ids: Tensor  # [rows, length], int64
    weights: Tensor  # [rows, length], float32; 0 where there is nothing to predict
    tokens: int  # without padding

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(self.ids.to(device), self.weights.to(device), self.tokens)


def order(rows: Sequence[Encoded], size: int, seed: int, epoch: int) -> list[list[int]]:
    """Numbers of the rows of each batch of one epoch; every row once."""
    draw = Random(f"{seed} {epoch}")
    numbers = list(range(len(rows)))
    draw.shuffle(numbers)
    batches = []
    for start in range(0, len(numbers), size * _POOL):
        pool = sorted(numbers[start : start + size * _POOL], key=lambda number: len(rows[number]))
        batches += [pool[at : at + size] for at in range(0, len(pool), size)]
    draw.shuffle(batches)
    return batches


def by_length(rows: Sequence[Encoded], size: int) -> list[list[int]]:
    """Batches for measuring, longest first: should memory not do, it shows at once."""
    numbers = sorted(range(len(rows)), key=lambda number: -len(rows[number]))
    return [numbers[at : at + size] for at in range(0, len(numbers), size)]


def collate(rows: Sequence[Encoded], pad: int) -> Batch:
    """One batch."""
    length = max(map(len, rows))
    ids = torch.full((len(rows), length), pad)
    weights = torch.zeros(len(rows), length)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row.ids)
        weights[number, 1 : len(row)] = torch.tensor(row.weights[1:])
    return Batch(ids, weights, sum(map(len, rows)))
