"""The error level over confirmations: never more than alpha in sum, whatever was spent before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import levels
from harness.types import Settings


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.001, 0.5), st.booleans())
def test_what_is_left_never_passes_alpha(m: int, k: int, alpha: float, two_stage: bool) -> None:
    settings = replace(Settings(), max_iterations=m, max_candidates=k, alpha=alpha)
    spent, used = 0, 0.0
    while levels.left(settings, two_stage=two_stage, spent=spent, used=used):
        used += levels.level(settings, two_stage=two_stage, spent=spent, used=used)
        spent += 1
    assert spent == m or (two_stage and used >= 0.89 * alpha)
    assert used <= (0.9 if two_stage else 1.0) * alpha * (1 + 1e-6)


def test_the_first_confirmations_get_the_most_and_the_last_gets_the_rest() -> None:
    offered = [levels.level(Settings(), two_stage=True, spent=n, used=0.045 * (1 - 3.0**-n)) for n in range(5)]
    assert offered == pytest.approx([0.03, 0.01, 0.01 / 3, 0.01 / 9, 0.045 / 81])


def test_without_a_holdout_every_candidate_divides_the_level() -> None:
    assert levels.level(Settings(), two_stage=False) == pytest.approx(0.05 / (5 * 8))


@pytest.mark.parametrize(
    ("spent", "used", "left"),
    [(0, 0.0, 5), (2, 0.02, 3), (1, 0.05, 0), (9, 0.01, 0), (0, 0.044, 5), (0, 0.045, 0), (0, 0.0, 5)],
)
def test_number_and_level_both_limit(spent: int, used: float, left: int) -> None:
    assert levels.left(Settings(), two_stage=True, spent=spent, used=used) == left
