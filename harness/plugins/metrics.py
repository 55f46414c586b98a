"""Built-in metrics, installed ones, and what each is handed. Knows no metric's meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import PluginError, boundary
from harness.metrics import accuracy, cost, error_rate, latency, tokens
from harness.plugins.contract import METRIC, check, installed, opened, unknown
from harness.protocols import Metric
from harness.types import Case, Direction, Json, Run, Settings

_METRICS: Mapping[str, Metric] = {
    "accuracy": accuracy,
    "latency": latency,
    "tokens": tokens,
    "cost": cost,
    "error_rate": error_rate,
}


@dataclass(slots=True, eq=False)
class CheckedMetric:
    """A metric of someone else whose every answer is checked."""

    NAME: str
    VERSION: str
    DIRECTION: Direction
    UNIT: str
    answer: Callable[..., Any]
    where: str  # file it came from

    def score(self, case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
        """What the metric says. Raises PluginError when it raises or answers neither a number nor a sentence."""
        with boundary(f"metric {self.NAME}", where=self.where):
            value = self.answer(case, run, options)
        if isinstance(value, str):
            return value
        if isinstance(value, int | float):
            return float(value)
        raise PluginError(
            f"metric {self.NAME} answered {value!r} for case {case.id}",
            where=self.where,
            fix="return a number, or a sentence that says why the case cannot be scored",
        )


def metrics(settings: Settings, root: Path) -> Mapping[str, Metric]:
    """Every metric that can be named in a goal: built-ins first, then installed ones, by NAME.

    ``settings.metrics`` may hold options for any of them. Raises PluginError for options of an unknown metric and for
    an installed one that breaks the protocol or takes a name that is in use.
    """
    found = dict(_METRICS)
    for entry in installed(METRIC):
        plugin, where = opened(entry)
        metric = _metric(plugin, where)
        if metric.NAME in found:
            raise PluginError(f"a metric {metric.NAME!r} exists already", where=where, fix="give it another NAME")
        found[metric.NAME] = metric
    for name in settings.metrics:
        if name not in found:
            raise unknown(METRIC, name, found, str(root / "pyproject.toml"))
    return found


def options(settings: Settings, metric: str) -> Mapping[str, Json]:
    """What a metric is handed: its options in the settings, and the price table under "prices"."""
    return {"prices": settings.prices, **settings.metrics.get(metric, {})}


def _metric(plugin: Any, where: str) -> CheckedMetric:
    check(METRIC, plugin, where)
    if plugin.DIRECTION not in ("higher", "lower"):
        raise PluginError(f"DIRECTION is {plugin.DIRECTION!r}", where=where, fix='say "higher" or "lower" is better')
    return CheckedMetric(plugin.NAME, plugin.VERSION, plugin.DIRECTION, plugin.UNIT, plugin.score, where)
