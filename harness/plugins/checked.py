"""Metrics of someone else, an installed package's or the repo's own: every answer is checked. Knows none by name."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.app import Scorer
from harness.errors import PluginError, boundary
from harness.metrics.options import Rule
from harness.plugins import evals
from harness.plugins.contract import METRIC, check, unusable
from harness.types import Case, Direction, Json, Run, Settings

_ROUNDING = 1e-9  # by which a computed share may pass 0 or 1


@dataclass(slots=True, eq=False)
class CheckedMetric:
    """A metric of someone else whose every answer is checked."""

    NAME: str
    VERSION: str
    DIRECTION: Direction
    UNIT: str
    answer: Callable[..., Any]
    where: str  # file it came from
    release: Callable[[], None] | None = None  # ends what it keeps open
    STATISTIC: str = ""  # of the whole set that it stands for (stats.formulas); "" = the mean over cases
    counts: Callable[..., Mapping[str, float]] | None = None  # its ``record``, of a statistic of counts
    OPTIONS: Mapping[str, Rule] | None = None  # None = it takes any

    def score(self, case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
        """What the metric says.

        Raises PluginError when it raises, answers neither a number nor a sentence, or no share where its UNIT is "".
        """
        with boundary(f"metric {self.NAME}", where=self.where):
            value = self.answer(case, run, options)
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and math.isfinite(value):
            return self._in_range(case, float(value))
        raise PluginError(
            f"metric {self.NAME} answered {value!r} for case {case.id}",
            where=self.where,
            fix="return a number, or a sentence that says why the case cannot be scored",
        )

    def record(self, case: Case, run: Run, options: Mapping[str, Json]) -> Mapping[str, float]:
        """What the metric counts; nothing where it counts nothing. Raises PluginError when it raises."""
        if self.counts is None:
            return {}
        with boundary(f"metric {self.NAME}", where=self.where):
            return self.counts(case, run, options)

    def _in_range(self, case: Case, value: float) -> float:
        """The value; of a share without what rounding put it beyond 0 and 1."""
        share = min(max(value, 0.0), 1.0)
        if self.UNIT != "":
            return value
        if abs(value - share) <= _ROUNDING:
            return share
        raise PluginError(
            f'metric {self.NAME} answered {value:g} for case {case.id}, and its UNIT "" says a share from 0 to 1',
            where=self.where,
            fix='return a share, or set its UNIT, such as "points"; then start again',
        )


def of_plugin(plugin: Any, where: str) -> CheckedMetric:
    """A metric of an installed package. Raises PluginError for one that breaks the protocol."""
    check(METRIC, plugin, where)
    if plugin.DIRECTION not in ("higher", "lower"):
        raise PluginError(f"DIRECTION is {plugin.DIRECTION!r}", where=where, fix='say "higher" or "lower" is better')
    statistic, counts = getattr(plugin, "STATISTIC", ""), getattr(plugin, "record", None)
    wrong = unusable(statistic, counts=counts is not None)
    if wrong:
        raise PluginError(f"STATISTIC is {statistic!r}", where=where, fix=wrong)
    return CheckedMetric(
        plugin.NAME, plugin.VERSION, plugin.DIRECTION, plugin.UNIT, plugin.score, where, None, statistic, counts
    )


def of_repo(item: evals.Found, settings: Settings, root: Path) -> CheckedMetric:
    """A metric of the repo's own ``evals/``, in a process of its own."""
    scorer = Scorer(settings.python or sys.executable, root, item.source, settings.timeout)
    return CheckedMetric(
        item.name,
        item.version,
        item.direction,
        item.unit,
        scorer.score,
        item.where,
        release=scorer.close,
        STATISTIC=item.statistic,
    )
