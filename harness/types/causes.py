"""Why dev cases fail: which node likely caused it, and which answer was given for which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["run again", "its answer", "correlation"]


@dataclass(frozen=True, slots=True)
class Cause:
    """One node, and the failing dev cases that it likely caused."""

    node: str
    how: How  # run again with its answer corrected; its wrong answer is the app's own; or only told by correlation
    cases: int  # that it likely caused
    of: int  # failing dev cases in all
    words: str  # what that rests on
    examples: tuple[str, ...] = ()  # dev ids


@dataclass(frozen=True, slots=True)
class Confusion:
    """Runs of dev cases by the label wanted and the label said, of one expected field."""

    field: str  # "expected_intent"
    labels: tuple[str, ...]  # wanted, the rows
    said: tuple[str, ...]  # the columns: the labels, then "other" where something else was said
    counts: tuple[tuple[int, ...], ...]  # by row


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the failures of one version say, of dev cases alone."""

    causes: tuple[Cause, ...] = ()  # by cases, the most first
    confusions: tuple[Confusion, ...] = ()
    spends: tuple[str, ...] = ()  # the slowest and the dearest node, in words
