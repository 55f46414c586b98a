"""The error level over confirmations: never more than alpha in sum, whatever was spent before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import levels
from harness.types import Settings


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.001, 0.5), st.booleans())
def test_what_is_left_uses_alpha_up_and_never_passes_it(m: int, k: int, alpha: float, two_stage: bool) -> None:
    settings = replace(Settings(), max_iterations=m, max_candidates=k, alpha=alpha)
    one = levels.level(settings, two_stage=two_stage)
    spent, used = 0, 0.0
    while levels.left(settings, two_stage=two_stage, spent=spent, used=used):
        spent, used = spent + 1, used + one
    assert spent == m
    assert used <= alpha * (1 + 1e-6)


@pytest.mark.parametrize(
    ("spent", "used", "left"), [(0, 0.0, 5), (2, 0.02, 3), (1, 0.05, 0), (9, 0.01, 0), (0, 0.045, 0)]
)
def test_number_and_level_both_limit(spent: int, used: float, left: int) -> None:
    assert levels.left(Settings(), two_stage=True, spent=spent, used=used) == left
