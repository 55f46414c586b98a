"""The nouns of what a repository holds: one example, one place where examples are from, all of it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.types import Json


@dataclass(frozen=True, slots=True)
class Found:
    """One example of what the app is asked."""

    given: Json  # a text, or keys with values
    where: str  # "tests/test_graph.py:12"
    expected: Mapping[str, Json] = field(default_factory=dict)  # by name without "expected_"; {} = nothing is said
    holds: tuple[str, ...] = ()  # texts that a test wants to see in the answer
    hint: str = ""  # what the place says of the answer, in its own words
    id: str = ""
    category: str = ""
    difficulty: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One file that examples were found in."""

    file: str
    kind: str  # "data", "test or script", "README", "promptfoo"
    found: int  # examples in it
    kept: int  # of these written as cases


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found, in the order of the files; what may not be used as a case is told in words."""

    examples: tuple[tuple[str, Found], ...]  # (kind of its file, example)
    counts: Mapping[str, int]  # file -> examples in it, before sampling
    notes: tuple[str, ...] = ()
