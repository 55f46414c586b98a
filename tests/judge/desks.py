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
    kept: list[tuple[str, Call]] = field(default_factory=list)

    def recorded(self, case: str) -> Mapping[str, Call]:
        return {call.key: call for of, call in self.kept if of == case and not call.error}

    def keep(self, case: str, call: Call) -> None:
        self.kept.append((case, call))

    def note(self, case: str, call: Call) -> None:
        self.kept.append((case, call))

    def left(self) -> int | None:
        return None if self.most is None else self.most - len(self.kept)

    def refuse(self) -> None:
        raise BudgetError("the budget is used up")

    def found(self, case: str, k: int) -> Run | None:
        return self.runs.get((case, k))

    def told(self, text: str) -> str:
        return text.replace("sk-secret-of-a-test", "<KEY>")
