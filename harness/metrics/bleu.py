"""Corpus BLEU of the app's texts against the expected ones: how much of their wording agrees, 0-1.

A statistic of all cases and no mean over them: the counts of all texts are pooled, as papers do. Knows nothing of
meaning: a good answer in other words scores low.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sacrebleu.metrics.bleu import BLEU

from harness.answers import as_text
from harness.metrics import fields, sentence_bleu
from harness.types import Case, Direction, Json, Run

NAME = "bleu"
VERSION = "2"
DIRECTION: Direction = "higher"
UNIT = ""
STATISTIC = "bleu"
OPTIONS = {**fields.OPTIONS}

_BLEU = BLEU()


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Of all runs of all cases sacrebleu's corpus BLEU (tokens "13a", smoothing "exp") / 100; of a single run its
    ``sentence_bleu``.

    A goal of "30" means 30 of 100. An expected list holds several references of one text. A failure of the app is an
    empty text. ``fields`` and ``only`` as in ``fields.judged``. Source: Papineni et al. 2002; Post 2018.
    """
    return sentence_bleu.score(case, run, options)


def record(case: Case, run: Run, options: Mapping[str, Json]) -> Mapping[str, float]:
    """Words said, words of the closest reference, and of 1 to 4 words in a row how many were said, how many agree."""
    counts: Counter[str] = Counter()
    for _, expected, value in fields.pairs(case, run, options):
        told = _BLEU.corpus_score([as_text(value)], [[text] for text in fields.references(expected)])
        counts.update({"length": told.sys_len, "reference": told.ref_len})
        counts.update({f"correct{order}": count for order, count in enumerate(told.counts, 1)})
        counts.update({f"total{order}": count for order, count in enumerate(told.totals, 1)})
    return counts
