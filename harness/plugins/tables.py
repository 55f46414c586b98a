"""A metric's table in the settings: whether its options can be, and the metric that its ``kind`` makes.

Knows what an option may be only by the rules of the metric that takes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from harness.app import Scorer, Source
from harness.errors import HarnessError, Problems, UserError
from harness.judge import Judge
from harness.metrics import told
from harness.metrics.similarity import Similarity
from harness.plugins import adapted, evals
from harness.plugins.checked import CheckedMetric
from harness.plugins.contract import METRIC, unknown
from harness.protocols import Metric
from harness.settings import where
from harness.types import Direction, Json, Measure, Settings

_KIND = "kind"  # option that gives a built-in metric another name: [tool.harness.metrics.polite] kind = "regex"


def place(
    found: dict[str, Metric],
    plain: Mapping[str, Metric],
    name: str,
    options: Mapping[str, Json],
    of: tuple[Path, Settings],
) -> None:
    """Check the options of one table of the settings; a table with a ``kind`` adds a metric under its own name."""
    root, renamed = of[0], _KIND in options
    base = options.get(_KIND, name)
    if adapted.is_target(base):
        found[name] = _adapted(plain, name, options, of)
        return
    if base not in plain:
        raise unknown(METRIC, str(base), plain, _line(root, name, _KIND if renamed else ""))
    kind = plain[base]
    refuse(list(_complaints(kind, name, options, root)))
    if renamed:
        _free(plain, name, root)
    if isinstance(kind, Judge | Similarity):
        found[name] = kind.named(name, options, _line(root, name))
    elif renamed:
        found[name] = _renamed(kind, name, options, _line(root, name))


def refuse(findings: list[HarnessError]) -> None:
    """Raise what was found: the one, or all as Problems."""
    if findings:
        raise Problems(findings) if len(findings) > 1 else findings[0]


def measure(metric: Metric, options: Mapping[str, Json]) -> Measure:
    """What a goal needs to know of a metric with these options."""
    lacking = _lacking(metric, options)
    refusal = f"{metric.NAME} needs the option {lacking[0]!r}" if lacking else ""
    return Measure(metric.DIRECTION, metric.UNIT, refusal, _example(metric.NAME, lacking[0]) if lacking else "")


def _renamed(kind: Metric, name: str, options: Mapping[str, Json], line: str) -> CheckedMetric:
    """A metric under another name."""
    direction, unit = kind.DIRECTION, kind.UNIT
    if kind.NAME == told.NAME:
        direction, unit = cast(Direction, options.get("direction", direction)), options.get("unit", unit)
    statistic, counts = getattr(kind, "STATISTIC", ""), getattr(kind, "record", None)
    return CheckedMetric(name, kind.VERSION, direction, unit, kind.score, line, None, statistic, counts)


def _adapted(
    plain: Mapping[str, Metric], name: str, options: Mapping[str, Json], of: tuple[Path, Settings]
) -> adapted.Adapted:
    """An evaluator of another tool under this name."""
    root, settings = of
    _free(plain, name, root)
    refuse(list(_complaints(adapted, name, options, root)))
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


def _line(root: Path, name: str, key: str = "") -> str:
    """ "file:line" of a metric's table or of one of its options."""
    dotted = f"metrics.{name}.{key}" if key else f"metrics.{name}"
    own = f"{evals.FOLDER}/{name}.md"
    return where(root, {}, dotted) or (own if (root / own).is_file() else f"[tool.harness.{dotted}]")
