"""Metrics that goals name and nobody knows: numbers that an evaluation command may tell. Knows sentences only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from rapidfuzz import fuzz

from harness.errors import UserError
from harness.goals import document, names, words
from harness.goals.document import Sentence
from harness.goals.reader import find
from harness.sources import utf8
from harness.types import Direction, Measure, Settings

_TYPO = 80  # similarity of 100 from which a name is taken for a misspelt known one


def unknown(root: Path, settings: Settings, known: Mapping[str, Measure]) -> Mapping[str, tuple[Direction, str]]:
    """Which way is better, and the unit, of each metric that is named and not known, by its name as an identifier.

    A name close to a known one is left for ``load`` to refuse; so is what cannot be read.
    """
    found: dict[str, tuple[Direction, str]] = {}
    for said in _sentences(root, settings):
        name = said.name or words.metric_words(said.text)
        near = names.nearest(name, known) if name else ""
        identifier = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
        if (
            not name
            or names.canonical(name, known)
            or fuzz.ratio(identifier, near) >= _TYPO
            or not identifier.isidentifier()
        ):
            continue
        try:
            found[identifier] = words.told(said.text)
        except words.UnreadableError:
            continue
    return found


def _sentences(root: Path, settings: Settings) -> Iterator[Sentence]:
    yield from (Sentence(words.metric_words(text), text, 0) for text in settings.goals)
    path = find(root)
    if path is None:
        return
    try:
        said = document.read(utf8(path, path.name))
    except UserError:  # said by ``load``
        return
    yield from (replace(one, name=one.name or words.metric_words(one.text)) for one in said.objectives + said.targets)


def named_command(root: Path) -> str:
    """The execution command that the goals file names, "" where it names none or cannot be read."""
    path = find(root)
    if path is None:
        return ""
    try:
        return document.read(utf8(path, path.name)).command
    except UserError:  # said by ``load``
        return ""
