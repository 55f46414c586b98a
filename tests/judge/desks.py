"""A desk for tests: a record and a purse in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import BudgetError
from harness.types import Call, Run


@dataclass
class Desk:
    """Implements ``protocols.Desk``."""

    most: int | None = None
    asks: bool = True
    concurrency: int = 4
    patience: float = 30.0
    runs: Mapping[tuple[str, int], Run] = field(default_factory=dict)
    kept: list[Call] = field(default_factory=list)

    def recorded(self, key: str) -> Call | None:
        return next((call for call in self.kept if call.key == key and not call.error), None)

    def keep(self, call: Call) -> None:
        self.kept.append(call)

    def note(self, call: Call) -> None:
        self.kept.append(call)

    def left(self) -> int | None:
        return None if self.most is None else self.most - len(self.kept)

    def refuse(self) -> None:
        raise BudgetError("the budget is used up")

    def found(self, case: str, k: int) -> Run | None:
        return self.runs.get((case, k))

    def told(self, text: str) -> str:
        return text.replace("sk-secret-of-a-test", "<KEY>")
