"""Built-ins, installed entry points and the user's own ``file.py:function``: one loader, one check, one error.

A plug-in that is not what it claims is a PluginError that names the file and the fix, when it is loaded where that can
be seen and else when it first answers. This module knows no metric's meaning and no technique.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.errors import PluginError, boundary
from harness.metrics import accuracy, cost, error_rate, latency, tokens
from harness.proposers import definitions, few_shot, output_format
from harness.protocols import Metric, Proposer
from harness.types import Brief, Case, Direction, Json, Proposal, Run, Settings, Variable

_METRICS: Mapping[str, Metric] = {
    "accuracy": accuracy,
    "latency": latency,
    "tokens": tokens,
    "cost": cost,
    "error_rate": error_rate,
}
_PROPOSERS: Mapping[str, Proposer] = {
    "definitions": definitions,
    "few_shot": few_shot,
    "output_format": output_format,
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a plug-in of one kind must have."""

    name: str
    group: str  # of its entry points
    method: str
    arguments: tuple[str, ...]
    texts: tuple[str, ...]  # attributes that are texts
    shape: str  # the method as a person writes it


_METRIC = _Kind(
    "metric",
    "harness.metrics",
    "score",
    ("case", "run", "options"),
    ("NAME", "VERSION", "DIRECTION", "UNIT"),
    "def score(case, run, options) -> float | str",
)
_PROPOSER = _Kind(
    "proposer",
    "harness.proposers",
    "propose",
    ("brief",),
    ("NAME", "VERSION"),
    "def propose(brief) -> list[Proposal]",
)


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


@dataclass(slots=True, eq=False)
class CheckedProposer:
    """A proposer of someone else whose every proposal is checked."""

    NAME: str
    VERSION: str
    answer: Callable[..., Any]
    where: str  # file it came from

    def propose(self, brief: Brief) -> list[Proposal]:
        """What the proposer says. Raises PluginError when it raises or answers anything but proposals."""
        with boundary(f"proposer {self.NAME}", where=self.where):
            proposals = list(self.answer(brief) or ())
        for proposal in proposals:
            if not _is_proposal(proposal):
                raise PluginError(
                    f"proposer {self.NAME} proposed {proposal!r:.200}",
                    where=self.where,
                    fix="return a list of harness.types.Proposal, its parts a tuple of str and Variable",
                )
        return proposals


def _is_proposal(value: object) -> bool:
    return (
        isinstance(value, Proposal)
        and isinstance(value.parts, tuple)
        and all(isinstance(part, str | Variable) for part in value.parts)
    )


def metrics(settings: Settings, root: Path) -> Mapping[str, Metric]:
    """Every metric that can be named in a goal: built-ins first, then installed ones, by NAME.

    ``settings.metrics`` may hold options for any of them. Raises PluginError for options of an unknown metric and for
    an installed one that breaks the protocol or takes a name that is in use.
    """
    found = dict(_METRICS)
    for entry in _installed(_METRIC):
        plugin, where = _open(entry)
        metric = _metric(plugin, where)
        if metric.NAME in found:
            raise PluginError(f"a metric {metric.NAME!r} exists already", where=where, fix="give it another NAME")
        found[metric.NAME] = metric
    for name in settings.metrics:
        if name not in found:
            raise _unknown(_METRIC, name, found, str(root / "pyproject.toml"))
    return found


def options(settings: Settings, metric: str) -> Mapping[str, Json]:
    """What a metric is handed: its options in the settings, and the price table under "prices"."""
    return {"prices": settings.prices, **settings.metrics.get(metric, {})}


def proposers(names: Sequence[str], root: Path) -> list[Proposer]:
    """The proposers of these names, in this order: built-in, installed, or "file.py:function" relative to ``root``.

    Raises PluginError for a name that is none of them, and for one that cannot be loaded or breaks the protocol.
    """
    installed = {entry.name: entry for entry in _installed(_PROPOSER)}
    found: list[Proposer] = []
    for name in names:
        if name in _PROPOSERS:
            found.append(_PROPOSERS[name])
        elif name in installed:
            found.append(_proposer(*_open(installed[name])))
        elif ".py:" in name:
            found.append(_proposer(*_from_file(name, root)))
        else:
            raise _unknown(_PROPOSER, name, [*_PROPOSERS, *installed], "")
    return found


def files(names: Sequence[str]) -> tuple[str, ...]:
    """Files of those plug-ins that are named "file.py:function", as written."""
    return tuple(name.rpartition(":")[0] for name in names if ".py:" in name)


def _installed(kind: _Kind) -> list[EntryPoint]:
    return sorted(entry_points(group=kind.group), key=lambda e: e.name)


def _open(entry: EntryPoint) -> tuple[Any, str]:
    with boundary(f"entry point {entry.name} ({entry.value})"):
        return entry.load(), entry.value


def _from_file(name: str, root: Path) -> tuple[Any, str]:
    """The object of "file.py:attribute" and where its definition stands."""
    path_text, _, attribute = name.rpartition(":")
    path = root / path_text
    if not path.is_file():
        raise PluginError(f"no file {path_text!r} for proposer {name!r}", fix=f"paths are relative to {root}")
    module = _module(path, path_text)
    plugin = getattr(module, attribute, None)
    if plugin is None:
        offered = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        raise PluginError(f"{path_text} has no {attribute!r}", where=path_text, fix=f"it has: {', '.join(offered)}")
    line = inspect.getsourcelines(plugin)[1] if inspect.isfunction(plugin) else 1
    return plugin, f"{path_text}:{line}"


def _module(path: Path, shown: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_harness_plugin_{len(sys.modules)}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{shown} is not a Python file", fix="name it file.py:function")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles of the file look themselves up there
    try:
        with boundary(f"importing {shown}", where=shown):
            spec.loader.exec_module(module)
    except PluginError as error:
        line = _line_in(path, error.__cause__)
        raise PluginError(error.message, where=f"{shown}:{line}" if line else shown) from error.__cause__
    return module


def _line_in(path: Path, error: BaseException | None) -> int:
    """Line of the file at which an error arose, the innermost one; 0 when it arose elsewhere."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == str(path)), 0)


def _metric(plugin: Any, where: str) -> CheckedMetric:
    _check(_METRIC, plugin, where)
    if plugin.DIRECTION not in ("higher", "lower"):
        raise PluginError(f"DIRECTION is {plugin.DIRECTION!r}", where=where, fix='say "higher" or "lower" is better')
    return CheckedMetric(plugin.NAME, plugin.VERSION, plugin.DIRECTION, plugin.UNIT, plugin.score, where)


def _proposer(plugin: Any, where: str) -> CheckedProposer:
    """A module or object with NAME, VERSION and propose; a bare function is taken as propose, NAMEd after itself."""
    if inspect.isfunction(plugin):
        _check_call(_PROPOSER, plugin, where)
        return CheckedProposer(plugin.__name__, "0", plugin, where)
    _check(_PROPOSER, plugin, where)
    return CheckedProposer(plugin.NAME, plugin.VERSION, plugin.propose, where)


def _check(kind: _Kind, plugin: Any, where: str) -> None:
    wrong = [name for name in kind.texts if not isinstance(getattr(plugin, name, None), str)]
    if wrong:
        raise PluginError(
            f"this {kind.name} has no text for {', '.join(wrong)}",
            where=where,
            fix=f"a {kind.name} has the texts {', '.join(kind.texts)} and {kind.shape}",
        )
    _check_call(kind, getattr(plugin, kind.method, None), where)


def _check_call(kind: _Kind, function: Any, where: str) -> None:
    if callable(function):
        try:
            inspect.signature(function).bind(*kind.arguments)
        except TypeError as error:
            raise PluginError(f"{kind.method} cannot be called: {error}", where=where, fix=kind.shape) from error
        return
    raise PluginError(f"this {kind.name} has no function {kind.method}", where=where, fix=kind.shape)


def _unknown(kind: _Kind, name: str, known: Sequence[str] | Mapping[str, Metric], where: str) -> PluginError:
    near = get_close_matches(name, list(known), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return PluginError(f"unknown {kind.name} {name!r}", where=where, fix=f"{hint}known: {', '.join(sorted(known))}")
