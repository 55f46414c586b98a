"""One forward pass described: which tokens of which rows, where they stand and what each may see.

A *row* is one sequence being generated; a *slot* is the place of its state; *packed* means that the new tokens of all
rows lie one after another without padding, so that every matrix product runs over real tokens only.
N = packed new tokens, R = rows. This module knows nothing of weights, requests or text.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Span:
    """A row that feeds two or more tokens in this step."""

    slot: int
    first: int  # index of its first token among the packed ones
    start: int  # its position there
    count: int  # tokens fed, >= 2


@dataclass(frozen=True)
class Step:
    """One forward pass over R rows. Rows that feed one token come first, then the spans, in the order of ``last``."""

    ids: Tensor  # [N] int64
    slots: Tensor  # [N] int64, the slot of each token
    positions: Tensor  # [N] int64
    singles: int  # tokens of one-token rows: the first ones of N
    spans: tuple[Span, ...]
    last: Tensor  # [R] int64, packed index of each row's last token

    @classmethod
    def of(cls, singles: list[tuple[int, int, int]], spans: list[tuple[int, int, tuple[int, ...]]]) -> Step:
        """``singles`` are (slot, position, token); ``spans`` are (slot, position of the first token, tokens)."""
        flat = list(singles)
        placed, last = [], list(range(len(singles)))
        for slot, start, tokens in spans:
            placed.append(Span(slot, len(flat), start, len(tokens)))
            flat.extend((slot, start + i, token) for i, token in enumerate(tokens))
            last.append(len(flat) - 1)
        slots, positions, ids = torch.tensor(flat, dtype=torch.long).T.contiguous()
        return cls(ids, slots, positions, len(singles), tuple(placed), torch.tensor(last))


class Masks:
    """The additive masks of one step, shared by its attention layers; ``group`` query heads share a key head."""

    def __init__(self, step: Step, group: int) -> None:
        self.single_slots = step.slots[: step.singles]
        self.rows = self.reach = 0
        if step.singles:
            positions = step.positions[: step.singles]
            self.rows, self.reach = int(self.single_slots.max()) + 1, int(positions.max()) + 1
            # Free slots between busy ones keep position 0 visible: a softmax over nothing would be NaN.
            length = torch.zeros(self.rows, dtype=torch.long)
            length[self.single_slots] = positions
            seen = torch.arange(self.reach) <= length[:, None]
            self.single = _additive(seen)[:, None, None]  # [rows, 1, 1, reach]
        self.spans = [_causal(span).repeat(group, 1) for span in step.spans]  # each [group count, start + count]


def _causal(span: Span) -> Tensor:
    own = torch.arange(span.start, span.start + span.count)
    return _additive(torch.arange(span.start + span.count) <= own[:, None])


def _additive(seen: Tensor) -> Tensor:
    return torch.zeros(seen.shape).masked_fill_(~seen, float("-inf"))
