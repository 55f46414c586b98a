"""chrF of the app's text against the expected one: how many of its character sequences agree, 0-1.

A mean over cases; ``chrf`` pools the counts of all. Kinder than BLEU to other forms of a word and to languages
without spaces. Knows nothing of meaning.
"""

from __future__ import annotations

from collections.abc import Mapping

from sacrebleu.metrics.chrf import CHRF

from harness.answers import as_text
from harness.metrics import fields
from harness.types import Case, Direction, Json, Run

NAME = "sentence_chrf"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {**fields.OPTIONS}

_CHRF = CHRF()


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Mean over the comparable fields of sacrebleu's sentence chrF2 (1 to 6 characters) / 100.

    An expected list holds several references of one text. A failure of the app scores 0. ``fields`` and ``only`` as
    in ``fields.judged``. Source: Popović 2015.
    """

    def agreement(expected: Json, value: Json) -> float:
        return float(_CHRF.sentence_score(as_text(value), fields.references(expected)).score) / 100

    return fields.mean(NAME, case, run, options, agreement)
