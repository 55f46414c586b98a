"""Outcomes of a statistic of the whole set by number, so that rehearsals and plans may draw them from arrays.

Knows numbers only: what is drawn, and why, is said by whoever draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.statistic import percentile
from harness.stats import formulas
from harness.stats.formulas import Floats
from harness.stats.pairing import Paired
from harness.stats.whole import Counts, Ints, Values, Whole
from harness.types import Score


@dataclass(frozen=True, slots=True)
class Bank:
    """What can come of one run of one unit: its counts, or the values of its cases."""

    statistic: str
    rows: Floats  # shape (outcomes, columns of counts), or (outcomes, cases of a unit)
    columns: tuple[str, ...]  # names of the counts; () of a percentile
    own: Floats  # shape (outcomes,): mean of the runs' own values

    def whole(self, before: Floats, after: Floats) -> Whole:
        """Two arms of outcomes by number, shape (units, runs)."""
        old, new = (self.rows[arm.astype(np.int64)] for arm in (before, after))
        part = percentile(self.statistic)
        if part is not None:
            unit = np.arange(len(old)).repeat(old[0].size if len(old) else 0)
            return Values(part, old.reshape(-1), new.reshape(-1), unit, len(old))
        formula = formulas.FORMULAS[self.statistic](self.columns)
        return Counts(formula, self.statistic in formulas.SHARES, old.sum(axis=1), new.sum(axis=1))

    def paired(self, before: Floats, after: Floats, flips: int) -> Paired:
        """The same as arms of a comparison that takes ``flips`` swaps at most."""
        old, new = (self.own[arm.astype(np.int64)].mean(axis=1) for arm in (before, after))
        whole = replace(self.whole(before, after), flips=flips)  # type: ignore[type-var]
        return Paired(old, new, 0, None, whole.share, tuple(map(str, range(len(old)))), whole)


def banked(statistic: str, units: Sequence[Sequence[Sequence[Score]]]) -> Bank:
    """The outcomes of units run by run, numbered in that order; each is the scores of the cases of a unit.

    Units of a percentile that have fewer cases than the largest count theirs over again, in turn.
    """
    outcomes = [outcome for runs in units for outcome in runs]
    own = np.array([np.mean([score.value for score in outcome]) for outcome in outcomes], dtype=np.float64)
    if percentile(statistic) is not None:
        width = max(map(len, outcomes), default=0)
        values = [np.resize([score.value for score in outcome], width) for outcome in outcomes]
        return Bank(statistic, np.array(values, dtype=np.float64).reshape(len(outcomes), width), (), own)
    columns = sorted({name for outcome in outcomes for score in outcome for name, _ in score.record})
    at: dict[str, int] = {name: place for place, name in enumerate(columns)}
    rows = np.zeros((len(outcomes), len(columns)))
    for place, outcome in enumerate(outcomes):
        for score in outcome:
            for name, count in score.record:
                rows[place, at[name]] += count
    return Bank(statistic, rows, tuple(columns), own)


def numbered(units: int, runs: int) -> Ints:
    """The numbers of the outcomes of ``units`` units run ``runs`` times."""
    return np.arange(units * runs).reshape(units, runs)
