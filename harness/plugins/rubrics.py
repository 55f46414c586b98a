"""Judges of the repo: the rubrics of ``evals/*.md`` and of the settings, as tables of options. Asks no model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.errors import HarnessError, UserError
from harness.judge import from_file
from harness.plugins.evals import FOLDER
from harness.types import Json, Settings

_TEXTS = (".md", ".txt")  # files that the option ``rubric`` may name
_KEY = "rubric"


def tables(root: Path, settings: Settings) -> tuple[dict[str, Mapping[str, Json]], list[HarnessError]]:
    """Options by metric name: of the settings, with rubrics that they name read, and of the rubrics of ``evals/``.

    What the settings say of a rubric of the same name comes before its own head.
    """
    found: dict[str, Mapping[str, Json]] = {}
    findings: list[HarnessError] = []
    for path in sorted((root / FOLDER).glob("*.md")):
        try:
            said = from_file(path.read_text("utf-8-sig", errors="replace"), path.relative_to(root).as_posix())
        except HarnessError as error:
            findings.append(error)
        else:
            found |= {path.stem: {"kind": "judge", **said}} if said else {}
    for name, options in settings.metrics.items():
        try:
            found[name] = {**found.get(name, {}), **_read(root, name, options)}
        except HarnessError as error:
            findings.append(error)
    return found, findings


def files(root: Path, settings: Settings) -> dict[str, str]:
    """sha-256 of each file that a judge is made of, by its name relative to ``root``."""
    names = [f"{FOLDER}/{path.name}" for path in (root / FOLDER).glob("*.md")]
    names += [str(options[_KEY]) for options in settings.metrics.values() if _is_file(options.get(_KEY))]
    return {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in _there(root, names)}


def _there(root: Path, names: list[str]) -> Iterator[str]:
    """Those that are rubrics."""
    for name in sorted(set(names)):
        path = root / name
        if path.is_file() and (not name.startswith(f"{FOLDER}/") or _speaks(path)):
            yield name


def _speaks(path: Path) -> bool:
    try:
        return path.suffix != ".md" or from_file(path.read_text("utf-8-sig", errors="replace"), path.name) is not None
    except HarnessError:
        return True


def _is_file(value: Json) -> bool:
    return isinstance(value, str) and "\n" not in value and value.endswith(_TEXTS)


def _read(root: Path, name: str, options: Mapping[str, Json]) -> Mapping[str, Json]:
    """The options with the text of the file in place of its name."""
    told = options.get(_KEY)
    if not _is_file(told):
        return options
    path = root / str(told)
    if not path.is_file():
        where = f"[tool.harness.metrics.{name}]"
        raise UserError(f"the rubric {told} is missing", where=where, fix=f"write it into {told}, or name another file")
    text = path.read_text("utf-8-sig", errors="replace")
    return {**(from_file(text, str(told)) or {_KEY: text}), **{k: v for k, v in options.items() if k != _KEY}}
