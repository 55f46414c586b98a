"""The state of rows being generated: what attention and convolution must remember of every position.

Convolutions are remembered by position, like keys and values, although they look back K - 1 steps only: so the state
at any position of a prompt can be handed to another prompt that begins alike. This module knows nothing of weights or
tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_FIRST_POSITIONS = 256  # positions a slot holds before it first grows


@dataclass(frozen=True)
class StateShape:
    """Sizes of the state of one position."""

    attention: int  # attention layers
    kv_heads: int
    head_dim: int
    convolutions: int  # convolution layers
    hidden: int
    history: int  # positions a convolution looks back, K - 1


@dataclass(frozen=True)
class Segment:
    """The state of P consecutive positions of one row, detached from its slot."""

    kv: Tensor  # [attention, P, 2, kv_heads, head_dim] float32
    conv: Tensor  # [convolutions, P, hidden] float32

    @property
    def positions(self) -> int:
        """How many positions it covers."""
        return self.kv.shape[1]

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self.kv.nbytes + self.conv.nbytes

    def cut(self, first: int, end: int) -> Segment:
        """A copy of positions first..end, so that dropping the whole frees its memory."""
        return Segment(self.kv[:, first:end].clone(), self.conv[:, first:end].clone())


class Slots:
    """``count`` places for rows; positions grow by doubling as rows need them."""

    def __init__(self, shape: StateShape, count: int) -> None:
        self._shape, self._count = shape, count
        self.kv, self.conv = self._room(_FIRST_POSITIONS)

    def _room(self, positions: int) -> tuple[Tensor, Tensor]:
        s = self._shape
        kv = torch.zeros(s.attention, self._count, positions, 2, s.kv_heads, s.head_dim)
        # The first ``history`` places stand for the positions before 0 and stay zero.
        return kv, torch.zeros(s.convolutions, self._count, s.history + positions, s.hidden)

    def reserve(self, positions: int) -> None:
        """Make room for rows of this many positions; what is stored stays."""
        have = self.kv.shape[2]
        if positions <= have:
            return
        while have < positions:
            have *= 2
        kv, conv = self._room(have)
        kv[:, :, : self.kv.shape[2]] = self.kv
        conv[:, :, : self.conv.shape[2]] = self.conv
        self.kv, self.conv = kv, conv

    def write(self, slot: int, start: int, segment: Segment) -> None:
        """Put a segment at positions from ``start``. The room must have been reserved."""
        end = start + segment.positions
        self.kv[:, slot, start:end] = segment.kv
        shift = self._shape.history
        self.conv[:, slot, start + shift : end + shift] = segment.conv

    def read(self, slot: int, start: int, end: int) -> Segment:
        """A copy of the state at positions start..end."""
        shift = self._shape.history
        return Segment(self.kv[:, slot, start:end].clone(), self.conv[:, slot, start + shift : end + shift].clone())
