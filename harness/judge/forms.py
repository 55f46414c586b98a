"""The forms of a verdict: what a judge is asked to reply, and which share from 0 to 1 that is. Knows no rubric."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from harness.types import Json

Kind = Literal["yes/no", "scale", "pairwise", "claims"]

_SCALE = re.compile(r"(\d{1,3})-(\d{1,3})")
_WORDS = {"yes": 1.0, "true": 1.0, "pass": 1.0, "no": 0.0, "false": 0.0, "fail": 0.0}
_SIDES = {"first": 1.0, "1": 1.0, "a": 1.0, "second": 0.0, "2": 0.0, "b": 0.0, "tie": 0.5, "both": 0.5, "neither": 0.5}
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?:\s*/\s*(\d+))?")


@dataclass(frozen=True, slots=True)
class Form:
    """One form, as written in a rubric: "yes/no", "1-5", "pairwise" or "claims"."""

    kind: Kind
    low: int = 0  # of a scale
    high: int = 1

    @property
    def verdict(self) -> str:
        """What stands behind "verdict" in a reply, as the judge is told."""
        return {
            "yes/no": '"yes" or "no"',
            "scale": f"a whole number from {self.low} (worst) to {self.high} (best)",
            "pairwise": '"first", "second" or "tie": the better of the two replies',
            "claims": 'a list with one entry for each claim that the reply makes: {"claim": "...", "supported": '
            '"yes" or "no"}',
        }[self.kind]

    def value(self, said: Json) -> float | None:
        """The share that a verdict means, None where it is none of this form. Of a pair: 1 for the first reply."""
        if self.kind == "claims":
            return self._claims(said)
        if self.kind == "scale":
            return self._number(said)
        text = ("yes" if said else "no") if isinstance(said, bool) else str(said)
        word = text.strip().strip("\"'`*.!").casefold()
        return (_WORDS if self.kind == "yes/no" else _SIDES).get(word)

    def _number(self, said: Json) -> float | None:
        """4, "4", "4/5" and 4.0; nothing beyond the ends of the scale."""
        if isinstance(said, bool) or not isinstance(said, int | float | str):
            return None
        found = _NUMBER.fullmatch(str(said).strip().strip("\"'`*."))
        if found is None or found[2] not in (None, str(self.high)):
            return None
        number = float(found[1])
        return (number - self.low) / (self.high - self.low) if self.low <= number <= self.high else None

    def _claims(self, said: Json) -> float | None:
        """Share of the claims that are supported; None for a list that is empty or holds anything else."""
        if not isinstance(said, list) or not said:
            return None
        plain = Form("yes/no")
        values = [plain.value(claim.get("supported")) if isinstance(claim, dict) else None for claim in said]
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if len(known) == len(values) else None


def form(text: Json) -> Form | None:
    """The form that a rubric names, None where it names none."""
    if text in ("yes/no", "pairwise", "claims"):
        return Form(text)
    found = _SCALE.fullmatch(text) if isinstance(text, str) else None
    low, high = (int(found[1]), int(found[2])) if found else (0, 0)
    return Form("scale", low, high) if low < high else None


def is_form(text: Json) -> str:
    """A rule for an option of a metric: "" or what it has to be."""
    return "" if form(text) else '"yes/no", a scale such as "1-5", "pairwise" or "claims"'
