"""How the error level of a whole run is divided. Knows settings; nothing of scores, verdicts or the ledger."""

from __future__ import annotations

from harness.types import Settings


def level_of(settings: Settings, *, two_stage: bool) -> float:
    """Level of one confirmation: alpha / m, and alpha / (m x candidates) when dev cases decide for want of a holdout.

    Bonferroni: the chance of any false keep in a run is at most alpha, however many candidates dev has seen.
    """
    tests = settings.max_iterations * (1 if two_stage else settings.max_candidates)
    return settings.alpha / tests
