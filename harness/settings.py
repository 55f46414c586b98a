"""[tool.harness] of pyproject.toml, or harness.toml, with flags on top -> frozen Settings, and Settings <-> JSON.

Knows keys, types and ranges, and where in a TOML file a key stands. Does not know what any key is for, and looks at
nothing that a key points to: whether paths and variables exist is asked by ``check``.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from rapidfuzz import process

from harness.errors import HarnessError, Problems, UserError
from harness.types import Budget, Json, Settings

_ADAPTER = TypeAdapter(Settings)
_BUDGET = tuple(f"budget.{f.name}" for f in fields(Budget))
_KEYS = (*(f.name for f in fields(Settings) if f.name != "budget"), *_BUDGET)
_FLAGS = {"goals": "--goal", "budget.seconds": "--budget-time", "proposers": "--proposer"}  # not named after the key
_TINY = math.ulp(0.0)  # the smallest float: "greater than 0" as an inclusive bound

# Inclusive bounds of the numbers, by dotted key.
RANGES: Mapping[str, tuple[float, float]] = {
    "seed": (0, 2**32 - 1),
    "runs": (1, 100),
    "alpha": (_TINY, 0.5),
    "max_iterations": (1, 100),
    "max_candidates": (1, 100),
    "compose": (0, 100),
    "looks": (1, 5),
    "margin": (0, 1),
    "concurrency": (1, 256),
    "workers": (1, 64),
    "timeout": (_TINY, 86_400),
    "recursion_limit": (1, 10_000),
    "budget.calls": (1, 10**12),
    "budget.seconds": (_TINY, 10**9),
    "budget.usd": (_TINY, 10**9),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """The TOML file that settings come from; all empty when there is none."""

    name: str = ""  # "pyproject.toml" or "harness.toml"
    text: str = ""
    table: str = ""  # the table that holds the keys: "tool.harness", or "" = the top level
    values: Mapping[str, Json] = field(default_factory=dict)

    def where(self, key: str) -> str:
        """ "file:line" of a dotted key."""
        return f"{self.name}:{_line(self.text, self.table, key)}"


def load(root: Path, flags: Mapping[str, object]) -> Settings:
    """Settings of the repo at ``root`` with ``flags`` over them.

    ``flags`` has the names of Settings as keys; None means "not given"; ``budget`` is a mapping that overrides key by
    key. Raises Problems with every unknown key, wrong type and value out of range at once.
    """
    settings, findings = read(root, flags)
    if findings:
        raise Problems(findings)
    return settings


def read(root: Path, flags: Mapping[str, object]) -> tuple[Settings, list[HarnessError]]:
    """As ``load``, but a wrong key falls back to its default, so that a caller can look for further findings."""
    findings: list[HarnessError] = []
    try:
        source = _source(root)
    except UserError as error:
        findings.append(error)
        source = _Source()
    good: dict[str, Json] = {}
    for values, place in ((source.values, source.where), (flags, _flag)):
        for key, value in _flat(values):
            problem = _problem(key, value)
            if problem is None:
                good[key] = value
            else:
                findings.append(UserError(problem[0], where=place(key), fix=problem[1]))
    return _build(good), findings


def where(root: Path, flags: Mapping[str, object], key: str) -> str:
    """Where the value of a dotted key was set: "--cases", "pyproject.toml:12", or "" when it is the default."""
    names = {key, key.partition(".")[0]}  # "metrics.accuracy" is given when "metrics" is
    if not names.isdisjoint(dict(_flat(flags))):
        return _flag(key)
    try:
        source = _source(root)
    except UserError:  # reported by ``read``
        return ""
    return "" if names.isdisjoint(dict(_flat(source.values))) else source.where(key)


def dump(settings: Settings) -> str:
    """Settings as indented JSON, for the settings.json of a run."""
    return _ADAPTER.dump_json(settings, indent=2).decode() + "\n"


def loads(text: str) -> Settings:
    """Inverse of ``dump``. Raises UserError when the text is not what ``dump`` writes."""
    try:
        return _ADAPTER.validate_json(text, strict=True)
    except ValidationError as error:
        raise UserError(f"the recorded settings cannot be read: {error}", fix="start a new run") from error


def _source(root: Path) -> _Source:
    """The file that holds settings. Raises UserError when it cannot be read, or when there are two."""
    pyproject, own = root / "pyproject.toml", root / "harness.toml"
    tools = _parse(pyproject).get("tool", {}) if pyproject.is_file() else {}
    table = tools.get("harness") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UserError(
            f"tool.harness is {table!r}, not a table", where="pyproject.toml", fix="write the keys below [tool.harness]"
        )
    if own.is_file() and table is not None:
        text = pyproject.read_text("utf-8")
        raise UserError(
            "settings stand in two places: [tool.harness] here and harness.toml",
            where=f"pyproject.toml:{_line(text, 'tool', 'harness')}",
            fix="keep one of them: move the keys of harness.toml here, or delete this table",
        )
    if own.is_file():
        return _Source("harness.toml", own.read_text("utf-8"), "", _parse(own))
    if table is None:
        return _Source()
    return _Source("pyproject.toml", pyproject.read_text("utf-8"), "tool.harness", table)


def _parse(path: Path) -> dict[str, Json]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = f"{path.name}:{line[1]}" if line else path.name
        raise UserError(f"not valid TOML: {error}", where=place, fix="mend the syntax of that line") from error
    except UnicodeDecodeError as error:
        raise UserError(f"not UTF-8: {error}", where=path.name, fix="save the file as UTF-8") from error


def _flat(values: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """(dotted key, value) of everything that is given; only ``budget`` is a table of single keys."""
    for key, value in values.items():
        if key == "budget" and isinstance(value, Mapping):
            yield from ((f"budget.{k}", v) for k, v in value.items() if v is not None)
        elif value is not None:
            yield key, value


def _problem(key: str, value: Json) -> tuple[str, str] | None:
    """What is wrong with one key and its value, and the fix."""
    if key not in _KEYS and key != "budget":
        near = process.extractOne(key, _KEYS)[0]
        return f"unknown setting {key!r}", f"write {near!r}, the nearest known one, or delete the line"
    try:
        _build({key: value})
    except (ValidationError, TypeError) as error:
        detail = error.errors()[0] if isinstance(error, ValidationError) else None
        part = ".".join(str(p) for p in detail["loc"]) if detail else key
        reason = detail["msg"] if detail else str(error)
        return f"{part} = {value!r} has the wrong type", reason
    low, high = RANGES.get(key, (-math.inf, math.inf))
    if isinstance(value, int | float) and not low <= value <= high:
        bounds = f"greater than 0 and at most {high:g}" if low == _TINY else f"from {low:g} to {high:g}"
        return f"{key} = {value!r} is out of range", f"give a value {bounds}"
    return _price_problem(value) if key == "prices" else None


def _price_problem(prices: Mapping[str, tuple[float, float]]) -> tuple[str, str] | None:
    for model, pair in prices.items():
        if not all(0 <= price < math.inf for price in pair):
            return f"prices.{model} = {list(pair)!r} is out of range", "two numbers of at least 0: USD per 1M tokens"
    return None


def _build(values: Mapping[str, Json]) -> Settings:
    """Settings from dotted keys. Through strict JSON: lists become tuples, but "5" is no number and true no integer.

    Raises ValidationError, or TypeError for what JSON cannot hold (a TOML date).
    """
    tree: dict[str, Json] = {}
    for key, value in values.items():
        head, _, tail = key.partition(".")
        if tail:
            tree.setdefault(head, {})[tail] = value
        else:
            tree[key] = value
    return _ADAPTER.validate_json(json.dumps(tree), strict=True)


def _flag(key: str) -> str:
    return _FLAGS.get(key, "--" + key.replace(".", "-").replace("_", "-"))


def _line(text: str, table: str, key: str) -> int:
    """1-based line where a dotted key stands below ``table``: as "a.b = ", under its own header, or within "a = {...}".

    The first line of the file when a writing of TOML is used that this search does not know.
    """
    wanted = f"{table}.{key}" if table else key
    header, best, depth = "", 1, 0
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            header = here = match[1].replace('"', "").replace(" ", "")
        elif match := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            name = re.sub(r"[\"']", "", match[1])
            here = f"{header}.{name}" if header else name
        else:
            continue
        if (wanted == here or wanted.startswith(f"{here}.")) and len(here) > depth:
            best, depth = number, len(here)
    return best
