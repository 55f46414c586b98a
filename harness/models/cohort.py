"""Rows that go through one model together: padded on the left, one token each per step, through one adapter.

R = rows, T = positions of the cache. Knows nothing of who waits for the answers or of which rows are started together.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicLayer, LinearAttentionAndFullAttentionLayer, LinearAttentionLayer

from harness.models.general import General
from harness.models.request import Row

# Layers whose state of several rows is that of each, one below the other: two cohorts of them can become one.
_PLAIN = (DynamicLayer, LinearAttentionLayer, LinearAttentionAndFullAttentionLayer)


class Cohort:
    """``rows`` stay in order; those that are done are taken out by ``keep``."""

    def __init__(self, model: General, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.adapter: Path | None = self.rows[0].adapter
        self._model = model
        self._cache = model.cache(len(self.rows), self.adapter)
        self._mask = torch.ones(len(self.rows), model.prefixed(self.adapter), dtype=torch.long)  # [R, T]

    def forward(self) -> Tensor:
        """Logits [R, V] after what each row feeds: its whole prompt in the first step, one token in each later one."""
        width = max(len(row.feed) for row in self.rows)
        ids = torch.zeros(len(self.rows), width, dtype=torch.long)
        seen = torch.zeros(len(self.rows), width, dtype=torch.long)
        for at, row in enumerate(self.rows):
            ids[at, width - len(row.feed) :] = torch.tensor(row.feed)
            seen[at, width - len(row.feed) :] = 1
        self._mask = torch.cat((self._mask, seen), 1)
        return self._model.forward(ids, self._mask, self._cache, self.adapter)

    def keep(self, rows: Sequence[Row]) -> None:
        """Go on with these rows only, which are some of those here in the same order."""
        if len(rows) == len(self.rows):
            return
        ids = {id(row) for row in rows}
        places = torch.tensor([at for at, row in enumerate(self.rows) if id(row) in ids], dtype=torch.long)
        self.rows = list(rows)
        self._mask = self._mask[places]
        if self.rows:
            self._cache.reorder_cache(places)
            self._trim()

    def takes(self, other: Cohort) -> bool:
        """Whether the rows of the other one can be taken over."""
        return self.adapter == other.adapter and self._plain() and other._plain()

    def _plain(self) -> bool:
        return all(type(layer) in _PLAIN for layer in self._cache.layers)

    def _trim(self) -> None:
        """Drop the padding that all rows share: with rows coming and going it would grow for ever."""
        empty = int(self._mask.any(0).long().argmax())
        if not empty or not self._plain():
            return
        self._mask = self._mask[:, empty:]
        for layer in self._cache.layers:
            if getattr(layer, "keys", None) is not None:
                layer.keys, layer.values = layer.keys[:, :, empty:], layer.values[:, :, empty:]

    def take(self, other: Cohort) -> None:
        """Take its rows over; the shorter of the two is padded on the left."""
        length = max(self._mask.shape[1], other._mask.shape[1])
        for mine, theirs in zip(self._cache.layers, other._cache.layers, strict=True):
            _join(mine, theirs, length)
        self._mask = torch.cat([_padded(mask, 1, length) for mask in (self._mask, other._mask)])
        self.rows += other.rows


def _join(mine: Any, theirs: Any, length: int) -> None:
    """Put the state of one layer's rows below that of the other's."""
    if getattr(mine, "keys", None) is not None:
        mine.keys = torch.cat([_padded(layer.keys, 2, length) for layer in (mine, theirs)])
        mine.values = torch.cat([_padded(layer.values, 2, length) for layer in (mine, theirs)])
    for name in ("conv_states", "recurrent_states"):
        for index, state in getattr(mine, name, {}).items():
            if state is not None:
                getattr(mine, name)[index] = torch.cat((state, getattr(theirs, name)[index]))


def _padded(state: Tensor, axis: int, length: int) -> Tensor:
    """``state`` with zeros before it along ``axis``, to ``length``."""
    missing = length - state.shape[axis]
    if not missing:
        return state
    shape = list(state.shape)
    shape[axis] = missing
    return torch.cat((state.new_zeros(shape), state), axis)
