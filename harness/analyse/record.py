"""Recorded runs as analysis reads them: with the cases they are of, and the places of what the cases expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.answers import NOT_COMPARED, app_value
from harness.types import Case, Json, Run, Score


@dataclass(frozen=True, slots=True)
class Record:
    """What was measured. Cases are those that a proposer may see: hand in dev only."""

    cases: Sequence[Case]
    runs: Sequence[Run]
    scores: Sequence[Score] = ()  # of one metric
    paths: Mapping[str, str] = field(default_factory=dict)  # expected field -> dotted place in the output

    @property
    def fields(self) -> tuple[str, ...]:
        """The expected fields that can be compared, in the order first seen."""
        return tuple(dict.fromkeys(f for case in self.cases for f in case.expected if f not in NOT_COMPARED))

    def value(self, case: Case, run: Run, name: str) -> Json:
        """What the app's final state holds for an expected field, or ABSENT."""
        return app_value(name, case.inputs, run.output, self.paths.get(name, ""))
