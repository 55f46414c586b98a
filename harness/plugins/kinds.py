"""The built-in metrics by NAME, and which of all metrics a run measures. Knows no metric's meaning."""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge import Judge, judges
from harness.metrics import (
    accuracy,
    bleu,
    chrf,
    contains,
    cost,
    error_rate,
    exact,
    f1,
    json_field,
    json_schema,
    latency,
    macro_f1,
    numeric,
    regex,
    retries,
    rouge,
    sentence_bleu,
    sentence_chrf,
    similarity,
    tokens,
    tokens_in,
    tokens_out,
    told,
    tool_calls,
    within,
)
from harness.plugins.checked import CheckedMetric
from harness.plugins.embeddings import embeddings
from harness.plugins.whole import PERCENTILES
from harness.protocols import Metric
from harness.types import Goals, Settings

_MEASURED: tuple[Metric, ...] = (accuracy, latency, tokens, tokens_in, tokens_out, cost, error_rate, retries)
_ASKED: tuple[Metric, ...] = (  # measured where somebody names them
    exact, contains, regex, json_field, json_schema, numeric, within, f1, macro_f1, bleu, chrf, sentence_bleu,
    sentence_chrf, rouge, tool_calls, told, *similarity.kinds(embeddings), *judges(),
)  # fmt: skip
_TOLD: tuple[Metric, ...] = (accuracy, latency, cost, tokens, tokens_in, tokens_out)  # by the results of a command
_COUNTED = ("tokens", "tokens_in", "tokens_out")  # of these the ones that few results tell


def builtin(settings: Settings) -> dict[str, Metric]:
    """The built-in metrics; with a command in place of a graph, those that its results tell."""
    found = {metric.NAME: metric for metric in (*_MEASURED, *_ASKED)}
    if settings.external:
        del found[retries.NAME]
        found |= {metric.NAME: _as_told(metric) for metric in _TOLD}
    return found | {name: _percentile(name, found[latency.NAME]) for name in PERCENTILES}


def measured(found: Mapping[str, Metric], settings: Settings, goals: Goals) -> tuple[str, ...]:
    """NAMEs of the metrics of a run: all but judges and built-in ones that neither settings nor goals name."""
    named = {*settings.metrics, *(goal.metric for goal in goals.goals)}
    paid = {name for name, metric in found.items() if isinstance(metric, Judge)}
    asked = {*paid, *(metric.NAME for metric in _ASKED), *PERCENTILES, *(_COUNTED if settings.external else ())}
    return tuple(name for name in found if name in named or name not in asked)


def _percentile(name: str, of: Metric) -> CheckedMetric:
    """A percentile of the values of another metric."""
    rules = getattr(of, "OPTIONS", None)
    return CheckedMetric(
        name, of.VERSION, of.DIRECTION, of.UNIT, of.score, "harness", STATISTIC=PERCENTILES[name], OPTIONS=rules
    )


def _as_told(metric: Metric) -> CheckedMetric:
    """A metric of that name and unit whose value is what the results of a command tell."""
    own = {"field": metric.NAME, "direction": metric.DIRECTION, "unit": metric.UNIT}
    return CheckedMetric(
        metric.NAME,
        told.VERSION,
        metric.DIRECTION,
        metric.UNIT,
        lambda case, run, options: told.score(case, run, own),
        "the results of the command",
    )
