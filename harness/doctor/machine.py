"""The machine: Python, git, SQLite, disk, and the packages that only some apps need. Imports none of them."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from harness import repo
from harness.doctor.checks import Check
from harness.errors import RepoError

_PYTHON = (3, 11)
_GIT = (2, 31)  # the first with `rev-parse --path-format`
_SQLITE = (3, 51, 3)  # the first without the WAL-reset bug, https://sqlite.org/wal.html#walresetbug
_GIGA = 1e9
_SCARCE, _FULL = 2.0, 0.2  # GB free below which a run may, and will, end for want of room
_OPTIONAL = ("torch", "transformers")


def machine(root: Path) -> Iterator[Check]:
    """Everything about the machine; ``root`` says on which disk records are written."""
    yield _python()
    yield _git()
    yield sqlite(sqlite3.sqlite_version_info)
    yield disk(shutil.disk_usage(root).free / _GIGA)
    yield _packages()


def _python() -> Check:
    words = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info >= _PYTHON:
        return Check("python", "ok", words)
    return Check("python", "fail", words, f"use Python {_dotted(_PYTHON)} or newer")


def _git() -> Check:
    try:
        found = repo.version()
    except RepoError as error:
        return Check("git", "fail", error.message, error.fix)
    if tuple(int(digits) for digits in re.findall(r"\d+", found)[:2]) >= _GIT:
        return Check("git", "ok", found)
    return Check("git", "fail", f"{found} is too old", f"install git {_dotted(_GIT)} or newer")


def sqlite(found: tuple[int, ...]) -> Check:
    """SQLite by its version: advised, never required."""
    if found >= _SQLITE:
        return Check("sqlite", "ok", _dotted(found))
    words = (
        f"{_dotted(found)}: before {_dotted(_SQLITE)} a very rare race (the WAL-reset bug) can damage a record that "
        "two connections write at once; runs work"
    )
    return Check("sqlite", "warn", words, f"take a Python with SQLite {_dotted(_SQLITE)} or newer when you can")


def disk(free: float) -> Check:
    """The disk by its free room in GB."""
    words, fix = (
        f"{free:.1f} GB free",
        "free some space: a run keeps its records and one private checkout per candidate",
    )
    if free < _FULL:
        return Check("disk", "fail", words, fix)
    return Check("disk", "warn", words, fix) if free < _SCARCE else Check("disk", "ok", words)


def _packages() -> Check:
    """Packages for models that run in the app's own process; most apps do without."""
    found = {name: _version(name) for name in _OPTIONAL}
    there = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    lacks = ", ".join(name for name, version in found.items() if not version)
    if not lacks:
        return Check("local models", "ok", there)
    words = f"{there + '; ' if there else ''}{lacks} not installed, needed for the embedded model only"
    return Check("local models", "ok", words, "pip install 'langgraph-harness[local]'")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
