"""Every metric that can be named: built-in, installed, the repo's own, and built-in ones under another name.

Knows what each is handed and which are measured in every run; no metric's meaning.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from harness.app import Scorer, Source
from harness.errors import HarnessError, PluginError, Problems, UserError, boundary
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
from harness.metrics.options import Rule
from harness.metrics.similarity import Similarity
from harness.plugins import adapted, evals, rubrics
from harness.plugins.contract import METRIC, check, installed, opened, unknown, unusable
from harness.plugins.embeddings import embeddings
from harness.plugins.whole import PERCENTILES, told_only
from harness.protocols import Metric
from harness.settings import where
from harness.types import Case, Direction, Goals, Json, Measure, Run, Settings

_MEASURED: tuple[Metric, ...] = (accuracy, latency, tokens, tokens_in, tokens_out, cost, error_rate, retries)
_ASKED: tuple[Metric, ...] = (  # measured where somebody names them
    exact, contains, regex, json_field, json_schema, numeric, within, f1, macro_f1, bleu, chrf, sentence_bleu,
    sentence_chrf, rouge, tool_calls, told, *similarity.kinds(embeddings), *judges(),
)  # fmt: skip
_TOLD: tuple[Metric, ...] = (accuracy, latency, cost, tokens, tokens_in, tokens_out)  # by the results of a command
_COUNTED = ("tokens", "tokens_in", "tokens_out")  # of these the ones that few results tell
_ROUNDING = 1e-9  # by which a computed share may pass 0 or 1
_KIND = "kind"  # option that gives a built-in metric another name: [tool.harness.metrics.polite] kind = "regex"


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


def metrics(settings: Settings, root: Path) -> Mapping[str, Metric]:
    """Every metric that can be named in a goal, by NAME. Raises what ``survey`` finds."""
    found, findings = survey(settings, root)
    if len(findings) == 1:
        raise findings[0]
    if findings:
        raise Problems(findings)
    return found


def survey(settings: Settings, root: Path) -> tuple[Mapping[str, Metric], list[HarnessError]]:
    """Every metric that can be named, and everything that is wrong with one: built-ins, installed ones, those of the
    repo's ``evals/``, and those that ``settings.metrics`` makes of them with ``kind``.

    Wrong are a metric that breaks the protocol or takes a name that is in use, and options of an unknown metric,
    unknown options, and values that an option cannot have. Runs no code of the repo.
    """
    found = {metric.NAME: metric for metric in (*_MEASURED, *_ASKED)}
    if settings.external:
        del found[retries.NAME]
        found |= {metric.NAME: _as_told(metric) for metric in _TOLD}
    found |= {name: _percentile(name, found[latency.NAME]) for name in PERCENTILES}
    own, findings = evals.found(root)
    for entry in installed(METRIC):
        with _noted(findings):
            _add(found, _metric(*opened(entry)))
    for item in own:
        with _noted(findings):
            _add(found, _of_repo(item, settings, root))
    plain = dict(found)
    tables, wrong = rubrics.tables(root, settings)
    findings += wrong
    for name, options in tables.items():
        with _noted(findings):
            _place(found, plain, name, options, (root, settings))
    return found, findings


def measures(found: Mapping[str, Metric], settings: Settings) -> Mapping[str, Measure]:
    """What goals need to know of each metric, and of the statistics that no goal can be decided on."""
    known = {name: _measure(metric, settings.metrics.get(name, {})) for name, metric in found.items()}
    return {**{name: measure for name, measure in told_only().items() if name not in known}, **known}


def measured(found: Mapping[str, Metric], settings: Settings, goals: Goals) -> tuple[str, ...]:
    """NAMEs of the metrics of a run: all but judges and built-in ones that neither settings nor goals name."""
    named = {*settings.metrics, *(goal.metric for goal in goals.goals)}
    paid = {name for name, metric in found.items() if isinstance(metric, Judge)}
    asked = {*paid, *(metric.NAME for metric in _ASKED), *PERCENTILES, *(_COUNTED if settings.external else ())}
    return tuple(name for name in found if name in named or name not in asked)


def options(settings: Settings, metric: str) -> Mapping[str, Json]:
    """What a metric is handed: its options in the settings, and the price table under "prices"."""
    return {"prices": settings.prices, **settings.metrics.get(metric, {})}


def places(settings: Settings) -> Mapping[str, str]:
    """Where in the output ``expected_*`` fields stand, as far as the settings say: field -> dotted path.

    What accuracy is told comes first, then what the other metrics are told.
    """
    tables = [settings.metrics[name] for name in settings.metrics if name != accuracy.NAME]
    tables.append(settings.metrics.get(accuracy.NAME, {}))
    return {field: path for table in tables for field, path in (table.get("fields") or {}).items()}


def release(found: Mapping[str, Metric]) -> None:
    """End the processes of the repo's own metrics. Safe to call twice; a later score starts another."""
    for metric in found.values():
        end = getattr(metric, "release", None)
        if end is not None:
            end()


@contextmanager
def _noted(findings: list[HarnessError]) -> Iterator[None]:
    """One wrong metric does not hide the next."""
    try:
        yield
    except HarnessError as error:
        findings.append(error)


def _add(found: dict[str, Metric], metric: CheckedMetric) -> None:
    if metric.NAME in found:
        raise PluginError(f"a metric {metric.NAME!r} exists already", where=metric.where, fix="give it another NAME")
    found[metric.NAME] = metric


def _metric(plugin: Any, where: str) -> CheckedMetric:
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


def _of_repo(item: evals.Found, settings: Settings, root: Path) -> CheckedMetric:
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


def _percentile(name: str, of: Metric) -> CheckedMetric:
    """A percentile of the values of another metric."""
    rules = getattr(of, "OPTIONS", None)
    return CheckedMetric(
        name, of.VERSION, of.DIRECTION, of.UNIT, of.score, "harness", STATISTIC=PERCENTILES[name], OPTIONS=rules
    )


def _place(
    found: dict[str, Metric],
    plain: Mapping[str, Metric],
    name: str,
    options: Mapping[str, Json],
    of: tuple[Path, Settings],
) -> None:
    """Check the options of one table of the settings; a table with a ``kind`` adds a metric under its own name."""
    root = of[0]
    base = options.get(_KIND, name)
    if adapted.is_target(base):
        found[name] = _adapted(plain, name, options, of)
        return
    if base not in plain:
        raise unknown(METRIC, str(base), plain, _line(root, name, _KIND if _KIND in options else ""))
    findings = list(_complaints(plain[base], name, options, root))
    if findings:
        raise Problems(findings) if len(findings) > 1 else findings[0]
    kind = plain[base]
    if isinstance(kind, Judge | Similarity) and _KIND not in options:
        found[name] = kind.named(name, options, _line(root, name))
    if _KIND not in options:
        return
    _free(plain, name, root)
    if isinstance(kind, Judge | Similarity):
        found[name] = kind.named(name, options, _line(root, name))
        return
    direction, unit = kind.DIRECTION, kind.UNIT
    if base == told.NAME:
        direction, unit = cast(Direction, options.get("direction", direction)), options.get("unit", unit)
    statistic, counts = getattr(kind, "STATISTIC", ""), getattr(kind, "record", None)
    found[name] = CheckedMetric(
        name, kind.VERSION, direction, unit, kind.score, _line(root, name), None, statistic, counts
    )


def _adapted(
    plain: Mapping[str, Metric], name: str, options: Mapping[str, Json], of: tuple[Path, Settings]
) -> adapted.Adapted:
    """An evaluator of another tool under this name."""
    root, settings = of
    _free(plain, name, root)
    findings = list(_complaints(adapted, name, options, root))
    if findings:
        raise Problems(findings) if len(findings) > 1 else findings[0]
    target, where = str(options[_KIND]), _line(root, name, _KIND)
    path, _, line = where.partition(":")
    source = Source(name, path, int(line) if line.isdigit() else 0, "", target)
    scorer = Scorer(settings.python or sys.executable, root, source, settings.timeout)
    direction, unit = adapted.direction_and_unit(options)
    checked = CheckedMetric(name, "1", direction, unit, scorer.score, where)
    return adapted.Adapted(name, target, options, checked, scorer, unit, direction)


def _free(plain: Mapping[str, Metric], name: str, root: Path) -> None:
    """Raise UserError for a name that a metric has already, or that none can have."""
    if name in plain or not name.isidentifier():
        why = "is a metric already" if name in plain else "is no name for a metric"
        fix = "take a name of letters, digits and _ that no metric has"
        raise UserError(f"{name!r} {why}", where=_line(root, name), fix=fix)


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


def _complaints(metric: Any, name: str, options: Mapping[str, Json], root: Path) -> Iterator[HarnessError]:
    """Unknown options, values that cannot be, and options that are missing. A metric without OPTIONS takes any."""
    rules = getattr(metric, "OPTIONS", None)
    for key, value in options.items():
        where = _line(root, name, key)
        if key == _KIND or rules is None:
            continue
        if key not in rules:
            near = get_close_matches(key, rules, n=1)
            hint = f"write {near[0]!r}, the nearest; " if near else ""
            fix = f"{hint}it takes {', '.join((*rules, _KIND)) if rules else 'none'}"
            yield UserError(f"metric {name} has no option {key!r}", where=where, fix=fix)
        elif wish := rules[key](value):
            yield UserError(f"metrics.{name}.{key} = {value!r} is no such value", where=where, fix=f"give {wish}")
    for key in _lacking(metric, options):
        yield UserError(f"metric {name} needs the option {key!r}", where=_line(root, name), fix=_example(name, key))


def _lacking(metric: Metric, options: Mapping[str, Json]) -> list[str]:
    return [key for key in getattr(metric, "REQUIRED", ()) if key not in options]


def _example(name: str, key: str) -> str:
    return f"write {key} = ... below [tool.harness.metrics.{name}]"


def _measure(metric: Metric, options: Mapping[str, Json]) -> Measure:
    lacking = _lacking(metric, options)
    refusal = f"{metric.NAME} needs the option {lacking[0]!r}" if lacking else ""
    return Measure(metric.DIRECTION, metric.UNIT, refusal, _example(metric.NAME, lacking[0]) if lacking else "")


def _line(root: Path, name: str, key: str = "") -> str:
    """ "file:line" of a metric's table or of one of its options."""
    dotted = f"metrics.{name}.{key}" if key else f"metrics.{name}"
    own = f"{evals.FOLDER}/{name}.md"
    return where(root, {}, dotted) or (own if (root / own).is_file() else f"[tool.harness.{dotted}]")
