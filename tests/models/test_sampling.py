"""Draws follow the probabilities they should, and parameters out of range are refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from harness.models.sampling import Sampling, draw

LOGITS = torch.tensor([0.1, 0.4, 0.5]).log()


def share(choice: Sampling, token: int, n: int = 1000) -> float:
    """How much of the unit interval leads to a token."""
    uniforms = [i / n for i in range(n)]
    return draw(LOGITS.expand(n, 3), [choice] * n, uniforms).count(token) / n


def test_temperature_one_gives_the_model_s_probabilities() -> None:
    assert [share(Sampling(temperature=1), t) for t in range(3)] == pytest.approx([0.1, 0.4, 0.5], abs=0.002)


def test_temperature_sharpens() -> None:
    weights = [p ** (1 / 0.2) for p in (0.1, 0.4, 0.5)]
    assert share(Sampling(temperature=0.2), 2) == pytest.approx(weights[2] / sum(weights), abs=0.002)
    assert share(Sampling(temperature=0), 2) == share(Sampling(temperature=1e-6), 2) == 1


@pytest.mark.parametrize(("top_p", "expected"), [(0.45, [0, 0, 1]), (0.6, [0, 4 / 9, 5 / 9]), (0.95, [0.1, 0.4, 0.5])])
def test_top_p_keeps_the_likeliest(top_p: float, expected: list[float]) -> None:
    choice = Sampling(temperature=1, top_p=top_p)
    assert [share(choice, t) for t in range(3)] == pytest.approx(expected, abs=0.002)


def test_a_row_does_not_see_its_neighbours() -> None:
    choices = [Sampling(temperature=0), Sampling(temperature=1), Sampling(temperature=1, top_p=0.5)]
    uniforms = [0.3, 0.3, 0.3]
    together = draw(LOGITS.expand(3, 3), choices, uniforms)
    assert together == [draw(LOGITS[None], [c], [u])[0] for c, u in zip(choices, uniforms, strict=True)]


def test_the_last_uniform_stays_inside() -> None:
    almost_one = math.nextafter(1.0, 0.0)
    assert draw(torch.zeros(1, 2560), [Sampling(temperature=1)], [almost_one]) == [2559]
    assert draw(LOGITS[None], [Sampling(temperature=1, top_p=0.6)], [almost_one]) == [2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1},
        {"temperature": math.nan},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"max_tokens": 0},
        {"stop": ("",)},
    ],
)
def test_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Sampling(**wrong)
