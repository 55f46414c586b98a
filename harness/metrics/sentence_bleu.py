"""Sentence BLEU of the app's text against the expected one: how much of its wording agrees, 0-1.

A mean over cases. ``bleu``, which pools the counts of all cases, is another number and the one that papers tell.
Knows nothing of meaning: a good answer in other words scores low.
"""

from __future__ import annotations

from collections.abc import Mapping

from sacrebleu.metrics.bleu import BLEU

from harness.answers import as_text
from harness.metrics import fields
from harness.types import Case, Direction, Json, Run

NAME = "sentence_bleu"
VERSION = "1"
DIRECTION: Direction = "higher"
UNIT = ""
OPTIONS = {**fields.OPTIONS}

_BLEU = BLEU(effective_order=True)  # what sacrebleu takes for single sentences: orders that a short text lacks are left


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Mean over the comparable fields of sacrebleu's sentence BLEU (tokens "13a", smoothing "exp") / 100.

    An expected list holds several references of one text. A failure of the app scores 0. ``fields`` and ``only`` as
    in ``fields.judged``. Source: Papineni et al. 2002; Post 2018.
    """

    def agreement(expected: Json, value: Json) -> float:
        return float(_BLEU.sentence_score(as_text(value), fields.references(expected)).score) / 100

    return fields.mean(NAME, case, run, options, agreement)
