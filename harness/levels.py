"""How the error level of a run is shared among its confirmations, and how many of them a holdout has left. Pure."""

from __future__ import annotations

from harness.types import Settings

_ROUNDING = 1e-9  # of alpha: sums of floats may pass it by less


def level(settings: Settings, *, two_stage: bool) -> float:
    """Level of one confirmation: alpha / m, and over the candidates too where there is no holdout to ask."""
    tests = settings.max_iterations * (1 if two_stage else settings.max_candidates)
    return settings.alpha / tests


def left(settings: Settings, *, two_stage: bool, spent: int, used: float) -> int:
    """Confirmations that keep their number within its cap and the sum of their levels within alpha.

    ``spent`` confirmations have ``used`` that much of the level so far, over all runs on the same deciding cases.
    """
    room = int((settings.alpha * (1 + _ROUNDING) - used) / level(settings, two_stage=two_stage) + _ROUNDING)
    return max(min(settings.max_iterations - spent, room), 0)
