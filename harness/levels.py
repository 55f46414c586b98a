"""How the error level of a run is shared among its confirmations, and how many of them a holdout has left. Pure."""

from __future__ import annotations

from harness.types import Settings

SHARE = 2 / 3  # of the error level that is left: offered to the next confirmation
RESERVE = 0.1  # of alpha: never offered, so that simulations stay clear of alpha by more than their error
LEFT = 2  # candidates of a round that are put to the holdout, beside both in one: a fourth would find no level left
CLEAR = 0.5  # promise from which a change is asked alone before it is put together with another
_LEAST = 1e-3  # of alpha: with less left no set of cases could show anything
_UNSEALED = 8  # candidates of a round where nothing is sealed: each of them divides the level
_ROUNDING = 1e-9  # of alpha: sums of floats may pass it by less


def level(settings: Settings, *, two_stage: bool, spent: int = 0, used: float = 0.0) -> float:
    """Level offered to the next confirmation, after ``spent`` of them used up ``used`` of alpha.

    Two thirds of what is left above the reserve, all of it to the last that is allowed: the best candidates come first.
    However it is shared, what is used up sums to less than alpha (docs/decisions/0002). Without a holdout: the same for
    every candidate that may ever be looked at.
    """
    if not two_stage:
        return settings.alpha / (settings.max_iterations * per_round(settings, two_stage=False))
    left_over = max(0.0, settings.alpha * (1 - RESERVE) - used)
    return left_over if settings.max_iterations - spent <= 1 else left_over * SHARE


def per_round(settings: Settings, *, two_stage: bool) -> int:
    """Candidates screened in one round."""
    return settings.max_candidates if two_stage else min(_UNSEALED, settings.max_candidates)


def left(settings: Settings, *, two_stage: bool, spent: int, used: float) -> int:
    """Confirmations that keep their number within its cap and the sum of their levels within alpha.

    ``spent`` confirmations have used up that much of the level so far, over all runs on the same deciding cases.
    """
    allowed = max(settings.max_iterations - spent, 0)
    if two_stage:
        return allowed if used < settings.alpha * (1 - RESERVE - _LEAST) else 0
    room = int((settings.alpha * (1 + _ROUNDING) - used) / level(settings, two_stage=False) + _ROUNDING)
    return max(min(allowed, room), 0)
