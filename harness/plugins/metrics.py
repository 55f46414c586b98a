"""Every metric that can be named: built-in, installed, the repo's own, and built-in ones under another name.

Knows what each is handed; no metric's meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.errors import HarnessError, PluginError
from harness.metrics import accuracy
from harness.plugins import evals, rubrics
from harness.plugins.checked import CheckedMetric, of_plugin, of_repo
from harness.plugins.contract import METRIC, installed, opened
from harness.plugins.kinds import builtin
from harness.plugins.tables import measure, place, refuse
from harness.plugins.whole import told_only
from harness.protocols import Metric
from harness.types import Json, Measure, Settings


def metrics(settings: Settings, root: Path) -> Mapping[str, Metric]:
    """Every metric that can be named in a goal, by NAME. Raises what ``survey`` finds."""
    found, findings = survey(settings, root)
    refuse(findings)
    return found


def survey(settings: Settings, root: Path) -> tuple[Mapping[str, Metric], list[HarnessError]]:
    """Every metric that can be named, and everything that is wrong with one: built-ins, installed ones, those of the
    repo's ``evals/``, and those that ``settings.metrics`` makes of them with ``kind``.

    Wrong are a metric that breaks the protocol or takes a name that is in use, and options of an unknown metric,
    unknown options, and values that an option cannot have. Runs no code of the repo.
    """
    found = builtin(settings)
    own, findings = evals.found(root)
    for entry in installed(METRIC):
        with _noted(findings):
            _add(found, of_plugin(*opened(entry)))
    for item in own:
        with _noted(findings):
            _add(found, of_repo(item, settings, root))
    plain = dict(found)
    tables, wrong = rubrics.tables(root, settings)
    findings += wrong
    for name, options in tables.items():
        with _noted(findings):
            place(found, plain, name, options, (root, settings))
    return found, findings


def measures(found: Mapping[str, Metric], settings: Settings) -> Mapping[str, Measure]:
    """What goals need to know of each metric, and of the statistics that no goal can be decided on."""
    known = {name: measure(metric, settings.metrics.get(name, {})) for name, metric in found.items()}
    return {**{name: of for name, of in told_only().items() if name not in known}, **known}


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
