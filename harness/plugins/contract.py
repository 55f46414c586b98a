"""What a plug-in of each kind must have, and the one check and the one error for all of them.

Knows no plug-in by name and no meaning of what one says.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from harness.errors import PluginError, boundary
from harness.statistic import COUNTED, listed, percentile


@dataclass(frozen=True, slots=True)
class Kind:
    """What a plug-in of one kind must have."""

    name: str
    group: str  # of its entry points
    method: str
    arguments: tuple[str, ...]
    texts: tuple[str, ...]  # attributes that are texts
    shape: str  # the method as a person writes it


METRIC = Kind(
    "metric",
    "harness.metrics",
    "score",
    ("case", "run", "options"),
    ("NAME", "VERSION", "DIRECTION", "UNIT"),
    "def score(case, run, options) -> float | str",
)
PROPOSER = Kind(
    "proposer",
    "harness.proposers",
    "propose",
    ("brief",),
    ("NAME", "VERSION"),
    "def propose(brief) -> list[Proposal]",
)


def installed(kind: Kind) -> list[EntryPoint]:
    """Entry points of installed packages, by name."""
    return sorted(entry_points(group=kind.group), key=lambda e: e.name)


def opened(entry: EntryPoint) -> tuple[Any, str]:
    """The object of an entry point, and what to call its place. Raises PluginError when it does not import."""
    with boundary(f"entry point {entry.name} ({entry.value})"):
        return entry.load(), entry.value


def check(kind: Kind, plugin: Any, where: str) -> None:
    """Raise PluginError for a plug-in that lacks a text or whose method cannot be called."""
    wrong = [name for name in kind.texts if not isinstance(getattr(plugin, name, None), str)]
    if wrong:
        raise PluginError(
            f"this {kind.name} has no text for {', '.join(wrong)}",
            where=where,
            fix=f"a {kind.name} has the texts {', '.join(kind.texts)} and {kind.shape}",
        )
    check_call(kind, getattr(plugin, kind.method, None), where)


def check_call(kind: Kind, function: Any, where: str) -> None:
    """Raise PluginError for a function that does not take what a plug-in of the kind is given."""
    if callable(function):
        try:
            inspect.signature(function).bind(*kind.arguments)
        except TypeError as error:
            raise PluginError(f"{kind.method} cannot be called: {error}", where=where, fix=kind.shape) from error
        return
    raise PluginError(f"this {kind.name} has no function {kind.method}", where=where, fix=kind.shape)


def unusable(statistic: str, *, counts: bool) -> str:
    """What a metric's STATISTIC has to be, where it cannot be this one; "" where it can.

    ``counts``: whether the metric has a ``record``, which a formula of counts takes.
    """
    if statistic == "" or percentile(statistic) is not None:
        return ""
    if statistic in COUNTED and counts:
        return ""
    named = ", ".join(COUNTED)
    return f'write a percentile of its values such as "p95"; {named} take a function record(case, run, options)'


def unknown(kind: Kind, name: str, known: Iterable[str], where: str) -> PluginError:
    """The error for a name that no plug-in has, with the nearest one."""
    known = sorted(known)
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return PluginError(f"unknown {kind.name} {name!r}", where=where, fix=f"{hint}known: {listed(known)}")
