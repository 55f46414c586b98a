"""Statistics of a whole set of cases: the formula of each, on sums of counts. Knows no cases, arms, tests or levels.

A metric whose value on a set is no mean over its cases names one of these (``STATISTIC``). Its runs give counts (a
``record``), the counts of a set are added, and the formula is taken of the sums: corpus BLEU is not the mean of the
BLEU of sentences. Percentiles need no counts: they are taken of the values of the runs, see ``whole.Values``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from harness.statistic import COUNTED

Floats = NDArray[np.float64]
Formula = Callable[[Floats], Floats]  # sums of shape (..., columns) -> values of shape (...)

WANTED, SAID, RIGHT = "wanted", "said", "right"  # of a label: "wanted:intent=refund"
ORDERS = 4  # of the word sequences of BLEU
CHARACTERS = 6  # of the character sequences of chrF
_BETA = 2.0  # of chrF: recall counts beta^2 times


def weighted_f1(columns: Sequence[str]) -> Formula:
    """Mean of the F1 of the labels, each with the weight of its support; 0 of nothing.

    F1 = 2 right / (wanted + said) (van Rijsbergen 1979). Labels are those that were wanted; what was said outside them
    is wrong. Equals scikit-learn's ``f1_score(average="weighted", zero_division=0)``.
    """

    by_label = _by_label(columns)

    def value(sums: Floats) -> Floats:
        wanted, f1 = by_label(sums)
        return np.asarray(_part((f1 * wanted).sum(axis=-1), wanted.sum(axis=-1)))

    return value


def macro_f1(columns: Sequence[str]) -> Formula:
    """Plain mean of the F1 of the labels that were wanted, see ``weighted_f1``; 0 of nothing."""

    by_label = _by_label(columns)

    def value(sums: Floats) -> Floats:
        wanted, f1 = by_label(sums)
        present = wanted > 0
        return np.asarray(_part((f1 * present).sum(axis=-1), present.sum(axis=-1).astype(np.float64)))

    return value


def bleu(columns: Sequence[str]) -> Formula:
    """Corpus BLEU, 0-1: brevity penalty x geometric mean of the precisions of 1 to 4 words (Papineni et al. 2002).

    An order without a match is smoothed by halving ("exp", as mteval-v13a does); without any match, or where no reply
    has four words, it is 0. Equals ``sacrebleu.corpus_bleu`` / 100.
    """
    names = _orders("correct", ORDERS), _orders("total", ORDERS), ("length", "reference")
    parts = [_picker(columns, part) for part in names]

    def value(sums: Floats) -> Floats:
        right, said, lengths = (part(sums) for part in parts)
        halvings = 2.0 ** np.cumsum(right == 0, axis=-1)
        precision = _part(np.where(right > 0, right, 1 / halvings), said)
        with np.errstate(divide="ignore"):
            mean = np.exp(np.log(precision).mean(axis=-1))
            brevity = np.exp(np.minimum(0.0, 1 - lengths[..., 1] / np.maximum(lengths[..., 0], 1e-300)))
        return np.asarray(np.where(right.any(axis=-1), brevity * mean, 0.0))

    return value


def chrf(columns: Sequence[str]) -> Formula:
    """Corpus chrF2, 0-1: F2 of the mean precision and recall of 1 to 6 characters (Popović 2015).

    Orders that replies or references lack are left out. Equals ``sacrebleu.corpus_chrf`` / 100.
    """
    parts = [_picker(columns, _orders(name, CHARACTERS)) for name in ("said", "wanted", "match")]

    def value(sums: Floats) -> Floats:
        said, wanted, match = (part(sums) for part in parts)
        present = (said > 0) & (wanted > 0)
        orders = present.sum(axis=-1).astype(np.float64)
        precision = _part((_part(match, said) * present).sum(axis=-1), orders)
        recall = _part((_part(match, wanted) * present).sum(axis=-1), orders)
        return _part((1 + _BETA**2) * precision * recall, _BETA**2 * precision + recall)

    return value


FORMULAS: Mapping[str, Callable[[Sequence[str]], Formula]] = dict(
    zip(COUNTED, (weighted_f1, macro_f1, bleu, chrf), strict=True)
)


def extremes(statistic: str, columns: Sequence[str], rows: Floats) -> tuple[Floats, Floats]:
    """The counts of the same runs, had every answer been right, and had every one been wrong; shape as ``rows``."""
    perfect, hopeless = rows.copy(), rows.copy()
    at = {name: place for place, name in enumerate(columns)}
    for name, place in at.items():
        for part, source in _PERFECT[statistic]:
            if name.startswith(part) and (of := source + name[len(part) :]) in at:
                perfect[:, place] = rows[:, at[of]]
        if name.startswith(_HOPELESS[statistic]):
            hopeless[:, place] = 0.0
    return perfect, hopeless


_F1 = ((SAID, WANTED), (RIGHT, WANTED))
_PERFECT: Mapping[str, tuple[tuple[str, str], ...]] = {  # (count, the count that it equals where all is right)
    "weighted_f1": _F1,
    "macro_f1": _F1,
    "bleu": (("correct", "total"), ("reference", "length")),
    "chrf": (("said", "wanted"), ("match", "wanted")),
}
_HOPELESS: Mapping[str, tuple[str, ...]] = {  # counts of what is right
    "weighted_f1": (SAID, RIGHT),
    "macro_f1": (SAID, RIGHT),
    "bleu": ("correct",),
    "chrf": ("match",),
}
SHARES = ("weighted_f1", "macro_f1")  # made of right and wrong: certainty is not claimed of cases that are all right


def _by_label(columns: Sequence[str]) -> Callable[[Floats], tuple[Floats, Floats]]:
    """How often each wanted label was wanted, and its F1; shape (..., labels)."""
    labels = sorted(name.partition(":")[2] for name in columns if name.startswith(f"{WANTED}:"))
    parts = [_picker(columns, [f"{part}:{label}" for label in labels]) for part in (WANTED, SAID, RIGHT)]

    def found(sums: Floats) -> tuple[Floats, Floats]:
        wanted, said, right = (part(sums) for part in parts)
        return wanted, _part(2 * right, wanted + said)

    return found


def _orders(name: str, most: int) -> list[str]:
    return [f"{name}{order}" for order in range(1, most + 1)]


def _picker(columns: Sequence[str], names: Sequence[str]) -> Formula:
    """The sums of these names, in their order; 0 of what was never counted."""
    at = {name: place for place, name in enumerate(columns)}
    places = np.array([at.get(name, 0) for name in names], dtype=np.int64)
    counted = np.array([name in at for name in names], dtype=bool)
    if not columns:
        return lambda sums: np.zeros((*sums.shape[:-1], len(names)))
    return (lambda sums: sums[..., places]) if counted.all() else (lambda sums: sums[..., places] * counted)


def _part(of: Floats, whole: Floats) -> Floats:
    """``of / whole``, 0 where that is nothing."""
    return np.divide(of, whole, out=np.zeros(np.broadcast(of, whole).shape), where=whole > 0)
