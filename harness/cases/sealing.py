"""Errors that came up over a sealed case say no more of it than that it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from harness.errors import HarnessError
from harness.types import Case, Json

SEALED = "a sealed case"
_SHORTEST = 12  # characters of a text of a case that would be known again


@contextmanager
def sealing(holdout: Sequence[Case]) -> Iterator[None]:
    """What is raised inside names no case of ``holdout``, by id or by what it asks and expects."""
    try:
        yield
    except HarnessError as error:
        for name in ("message", "where", "fix"):
            setattr(error, name, without(str(getattr(error, name)), holdout))
        error.args = (error.message,)
        raise


def without(text: str, holdout: Sequence[Case]) -> str:
    """``text`` with every mark of these cases replaced."""
    for case in holdout:
        if case.id in text:
            text = re.sub(rf"(?:\bcase )?(?<![\w-]){re.escape(case.id)}(?![\w-])", SEALED, text)
        for part in _texts([case.inputs, case.expected]):
            if len(part) >= _SHORTEST and part in text:
                text = text.replace(part, SEALED)
    return text


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
