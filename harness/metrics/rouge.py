"""ROUGE of the app's text against the expected one: how many of its words, pairs of words or longest sequence agree.

On texts of ASCII letters equal to the package rouge-score without stemming; words of other alphabets count here too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from harness.answers import as_text
from harness.metrics import fields
from harness.metrics.options import one_of
from harness.types import Case, Direction, Json, Run

NAME = "rouge"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {
    **fields.OPTIONS,
    "variant": one_of("rougeL", "rouge1", "rouge2"),
    "part": one_of("f1", "recall", "precision"),
}

_WORD = re.compile(r"[^\W_]+")


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Mean over the comparable fields of ROUGE, 0-1; the best of the references where an expected list holds several.

    ``options["variant"]``: rougeL (longest common subsequence of words; the default), rouge1 or rouge2 (common words
    or pairs). ``part``: f1 (the default), recall or precision. A failure of the app scores 0. ``fields`` and ``only``
    as in ``fields.judged``. Source: Lin 2004.
    """
    variant, part = options.get("variant", "rougeL"), options.get("part", "f1")

    def agreement(expected: Json, value: Json) -> float:
        got = _words(as_text(value))
        return max(_part(_words(wanted), got, variant, part) for wanted in fields.references(expected))

    return fields.mean(NAME, case, run, options, agreement)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _part(wanted: Sequence[str], got: Sequence[str], variant: str, part: str) -> float:
    """Recall, precision or their harmonic mean; 0 where nothing is common."""
    if variant == "rougeL":
        common, of_wanted, of_got = _longest_common(wanted, got), len(wanted), len(got)
    else:
        size = int(variant[-1])
        one, other = _grams(wanted, size), _grams(got, size)
        common, of_wanted, of_got = (one & other).total(), one.total(), other.total()
    if not common:
        return 0.0
    recall, precision = common / of_wanted, common / of_got
    return {"recall": recall, "precision": precision, "f1": 2 * recall * precision / (recall + precision)}[part]


def _grams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + size]) for i in range(len(words) - size + 1))


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for i, second in enumerate(other, 1):
            above = row[i]
            row[i] = diagonal + 1 if word == second else max(above, row[i - 1])
            diagonal = above
    return row[-1]
