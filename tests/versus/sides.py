"""Small sides for tests: one metric unless a test says more, every case asked alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.types import Direction, Marks, Score, Side


def marks(
    values: Mapping[str, Sequence[float | None]],
    metric: str = "accuracy",
    direction: Direction = "higher",
    unit: str | None = "",
    version: str = "",
) -> Marks:
    """Values by case, one per run."""
    scores = (
        Score(metric, case, k, value, "" if value is not None else "lost", unit or "")
        for case, runs in values.items()
        for k, value in enumerate(runs)
    )
    return Marks(metric, direction, unit, tuple(scores), version)


def side(title: str, *every: Marks, sealed: Collection[str] = (), **changes: Any) -> Side:
    """All cases decide."""
    cases = frozenset(score.case for one in every for score in one.scores)
    plain = Side(title, {one.metric: one for one in every}, cases, sealed=frozenset(sealed))
    return replace(plain, **changes)


def flat(value: float, cases: int = 20, runs: int = 2) -> dict[str, list[float | None]]:
    """The same value in every run of cases t00, t01, ..."""
    return {f"t{i:02d}": [value] * runs for i in range(cases)}
