"""What the options of a metric must be. A rule answers "" or, in words, what the value has to be.

Knows no metric and no file: which key stands where is said by whoever reads the settings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from harness.types import Json

Rule = Callable[[Json], str]


def text(value: Json) -> str:
    """A text that is not empty."""
    return "" if isinstance(value, str) and value else "a text"


def texts(value: Json) -> str:
    """A list of texts, at least one."""
    good = isinstance(value, list | tuple) and value and all(isinstance(item, str) and item for item in value)
    return "" if good else "a list of texts"


def table(value: Json) -> str:
    """A table of texts by text."""
    good = isinstance(value, Mapping) and all(isinstance(item, str) and item for pair in value.items() for item in pair)
    return "" if good else 'a table such as {"expected_intent" = "result.intent"}'


def one_of(*names: str) -> Rule:
    """One of these texts; the first is what holds where none is set."""
    return lambda value: "" if value in names else f"one of {', '.join(names)}"


def flag(value: Json) -> str:
    """true or false."""
    return "" if isinstance(value, bool) else "true or false"


def at_least_zero(value: Json) -> str:
    """A finite number of at least 0."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
    return "" if good else "a number of at least 0"


def above_zero(value: Json) -> str:
    """A finite number above 0."""
    return "" if not at_least_zero(value) and value else "a number above 0"


def pattern(value: Json) -> str:
    """A regular expression of Python."""
    try:
        re.compile(value)
    except re.error as error:
        return f"a regular expression: {error}"
    except TypeError:
        return "a regular expression, as a text"
    return ""


def word(value: Json) -> str:
    """A text, which may be empty."""
    return "" if isinstance(value, str) else "a text"


def way(value: Json) -> str:
    """Which way is better."""
    return "" if value in ("higher", "lower") else '"higher" or "lower"'
