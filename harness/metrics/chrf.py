"""Corpus chrF of the app's texts against the expected ones: how many of their character sequences agree, 0-1.

A statistic of all cases and no mean over them: the counts of all texts are pooled. Kinder than BLEU to other forms of a
word and to languages without spaces. Knows nothing of meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.answers import as_text
from harness.metrics import fields, sentence_chrf
from harness.types import Case, Direction, Json, Run

NAME = "chrf"
VERSION = "2"
DIRECTION: Direction = "higher"
UNIT = ""
STATISTIC = "chrf"
OPTIONS = {**fields.OPTIONS}

_ORDERS = 6
_BETA = 2.0


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Of all runs of all cases sacrebleu's corpus chrF2 (1 to 6 characters) / 100; of a single run its
    ``sentence_chrf``.

    A goal of "50" means 50 of 100. Of several references the closest counts. A failure of the app is an empty text.
    ``fields`` and ``only`` as in ``fields.judged``. Source: Popović 2015.
    """
    return sentence_chrf.score(case, run, options)


def record(case: Case, run: Run, options: Mapping[str, Json]) -> Mapping[str, float]:
    """Of 1 to 6 characters in a row, white space left out: how many were said, are in the reference, and agree."""
    counts: Counter[str] = Counter()
    for _, expected, value in fields.pairs(case, run, options):
        told = [_agreement(as_text(value), text) for text in fields.references(expected)]
        counts.update(max(told, key=_f2))
    return counts


def _agreement(said: str, wanted: str) -> dict[str, int]:
    found = {}
    for order in range(1, _ORDERS + 1):
        ours, theirs = _sequences(said, order), _sequences(wanted, order)
        found[f"said{order}"] = ours.total() if theirs else 0  # where nothing is wanted nothing can be wrong
        found[f"wanted{order}"] = theirs.total()
        found[f"match{order}"] = (ours & theirs).total()
    return found


def _sequences(text: str, order: int) -> Counter[str]:
    bare = "".join(text.split())
    return Counter(bare[start : start + order] for start in range(len(bare) - order + 1))


def _f2(told: Mapping[str, int]) -> float:
    """By which the closest reference is told."""
    orders = [n for n in range(1, _ORDERS + 1) if told[f"said{n}"] and told[f"wanted{n}"]]
    precision = _mean([told[f"match{n}"] / told[f"said{n}"] for n in orders])
    recall = _mean([told[f"match{n}"] / told[f"wanted{n}"] for n in orders])
    whole = _BETA**2 * precision + recall
    return (1 + _BETA**2) * precision * recall / whole if whole else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
