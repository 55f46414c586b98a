"""How the next token is chosen: parameters of a request and the draw for a whole batch.

Every row brings its own uniform number, so a choice depends on that row's logits, parameters and random stream only.
This module knows nothing of models, requests or text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sampling:
    """The parameters of one request. Raises ValueError when one is out of range."""

    temperature: float = 0.2  # 0 = always the likeliest token
    top_p: float = 1.0  # share of the probability that may be drawn from, likeliest first
    max_tokens: int = 256  # sampled at most, end token included
    stop: tuple[str, ...] = ()  # the answer ends before the first of these
    seed: int | None = None  # None = from the system's entropy
    schema: str = ""  # JSON schema that the answer follows, "" = free text

    def __post_init__(self) -> None:
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise ValueError(f"temperature is {self.temperature}; it must be 0 or more")
        if not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}; it must be above 0 and at most 1")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens is {self.max_tokens}; it must be 1 or more")
        if "" in self.stop:
            raise ValueError("a stop string is empty; every answer would end at once")


def draw(logits: Tensor, choices: Sequence[Sampling], uniforms: Sequence[float]) -> list[int]:
    """One token id per row. ``logits`` [R, V]; ``uniforms`` in [0, 1), one per row, unused where temperature is 0."""
    greedy = logits.argmax(-1)
    hot = [i for i, choice in enumerate(choices) if choice.temperature > 0]
    if hot:
        temperatures = torch.tensor([choices[i].temperature for i in hot])
        # float64: a cumulative sum of thousands of float32 terms would lose the tail.
        scaled = logits[hot].double() / temperatures[:, None].double()
        probabilities = torch.softmax(scaled, -1)
        top_p = torch.tensor([choices[i].top_p for i in hot], dtype=torch.float64)
        if bool((top_p < 1).any()):
            probabilities = nucleus(probabilities, top_p)
        greedy[hot] = _inverse(probabilities, torch.tensor([uniforms[i] for i in hot], dtype=torch.float64))
    tokens: list[int] = greedy.tolist()
    return tokens


def nucleus(probabilities: Tensor, top_p: Tensor) -> Tensor:
    """Zero all but the likeliest tokens that together reach ``top_p``; the likeliest always stays. [R, V], [R]."""
    ordered, order = probabilities.sort(-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    kept = ordered.masked_fill(before >= top_p[:, None], 0.0)
    return torch.zeros_like(probabilities).scatter_(-1, order, kept)


def _inverse(probabilities: Tensor, uniforms: Tensor) -> Tensor:
    """The first token whose cumulative probability exceeds the uniform share of the total. [R, V], [R] -> [R]."""
    cumulative = probabilities.cumsum(-1)
    return torch.searchsorted(cumulative, uniforms[:, None] * cumulative[:, -1:], right=True)[:, 0]
