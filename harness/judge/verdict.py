"""The reply of a judge -> its verdict, tolerantly, or why it has none. Pure; knows nothing of rubrics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.answers import objects
from harness.judge.forms import Form
from harness.types import Json

KEYS = ("verdict", "score", "rating")  # the first is asked for; the others are what models write in its place
_LINE = re.compile(r"^\W*(?:verdict|score|rating)[*_ ]*[:=][*_ ]*(.+?)[*_\s]*$", re.IGNORECASE | re.MULTILINE)


def value(reply: str, form: Form) -> float | str:
    """The share that a reply means, or a sentence. Several verdicts that differ are none: which one holds?

    Looked for in this order: JSON objects anywhere in the reply, a line "verdict: ...", the whole reply.
    """
    if not reply.strip():
        return "the judge replied nothing"
    for said in (list(_in_objects(reply)), [line[1] for line in _LINE.finditer(reply)], [reply]):
        if not said:
            continue
        values = {form.value(item) for item in said}
        if len(values) > 1:
            return "the judge gave several verdicts that differ"
        found = values.pop()
        if found is not None:
            return found
    return f"the judge gave no verdict that can be read as {form.verdict}"


def _in_objects(text: str) -> Iterator[Json]:
    """What stands under the first of KEYS in every outermost JSON object of a text."""
    for found in objects(text):
        named = {str(key).casefold(): item for key, item in found.items()}
        yield from [named[key] for key in KEYS if key in named][:1]
