"""The noun of this package: one thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and how it is."""

    name: str  # "git", "worktree of 20261121-180501"
    state: Literal["ok", "warn", "fail"]  # fail = runs cannot work; warn = worth knowing or mending
    words: str
    fix: str = ""  # command or key that mends it
    mendable: bool = False  # whether `mend` may do it: nothing of the user's is touched by it
    run: str = ""  # the run whose remains go when it is mended
