"""How many runs lie ahead until the next decision, at most. Pure arithmetic; knows neither cases nor candidates."""

from __future__ import annotations

from collections.abc import Sequence


def better_part(standing: int) -> int:
    """Candidates that a stage of the screen leaves in the race: two fifths, at least two where there are two."""
    return min(standing, max(2, -(-2 * standing // 5)))


def until_decision(added: Sequence[int], standing: int, waiting: int, confirmation: int) -> int:
    """Runs until a confirmation has decided, if nothing is dropped early and nothing is on record.

    ``added``: runs of a candidate that each stage adds, the one at work first; ``standing`` candidates are in the race
    and ``waiting`` of them have not been through this stage. ``confirmation``: the runs of both arms.
    """
    total = waiting * added[0]
    for runs in added[1:]:
        standing = better_part(standing)
        total += standing * runs
    return total + confirmation
