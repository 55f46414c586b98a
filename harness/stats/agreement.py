"""A judge against people: agreement beyond chance, bias, and the mean of its verdicts without its errors.

Values are shares from 0 to 1 on both sides. Knows no judge and no rubric.

Sources: Cohen 1960 and 1968 (kappa); Fleiss, Cohen & Everitt 1969 (its large-sample variance); Rogan & Gladen 1978
(a prevalence seen through an imperfect test), with the interval of Lang & Reiczigel 2014; Angelopoulos, Bates,
Fannjiang, Jordan & Zrnic 2023 (prediction-powered inference), with the weight of Angelopoulos, Duchi & Zrnic 2023.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from harness.stats.intervals import CONFIDENCE, false_rate_interval, gain_interval
from harness.stats.signflip import Floats
from harness.types import Between, Summary, Verdicts

_LEAST = 0.05  # of sensitivity + specificity - 1: below it a judge tells nothing, and no correction is possible


def rate(times: int, of: int) -> Between:
    """A share with its exact interval (Clopper & Pearson 1934), of independent trials; Nones of no trial."""
    return Between(times / of, *false_rate_interval(times, of)) if of else Between(None, None, None)


def kappa(judge: Sequence[float], people: Sequence[float], *, weighted: bool = False) -> Between:
    """Cohen's kappa, with quadratic weights where ``weighted``: 1 = always alike, 0 = as often as by chance.

    (agreement - chance) / (1 - chance), chance from how often each side gives each value; the interval is normal, by
    the large-sample variance. Assumes that replies are independent. Nones without a reply and where only one value
    occurs on both sides, which leaves nothing to agree about. Where all verdicts agree the lower end is that of the
    exact interval of the agreement.
    """
    levels = sorted({*judge, *people})
    n, k = len(judge), len(levels)
    if n == 0 or k < 2:
        return Between(None, None, None)
    place = {level: at for at, level in enumerate(levels)}
    table = np.zeros((k, k))
    for one, other in zip(judge, people, strict=True):
        table[place[one], place[other]] += 1 / n
    at = np.asarray(levels)
    weights = 1 - (at[:, None] - at[None, :]) ** 2 / (at[-1] - at[0]) ** 2 if weighted else np.eye(k)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    seen, chance = float((weights * table).sum()), float((weights * np.outer(rows, columns)).sum())
    if chance >= 1:
        return Between(None, None, None)
    value = (seen - chance) / (1 - chance)
    mixed = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    inner = float((table * (weights - mixed * (1 - value)) ** 2).sum()) - (value - chance * (1 - value)) ** 2
    half = _z() * math.sqrt(max(inner, 0.0) / n) / (1 - chance)
    low = min(value - half, _floor(judge, people, chance, value))
    return Between(value, max(low, -1.0), min(value + half, 1.0))


def _floor(judge: Sequence[float], people: Sequence[float], chance: float, value: float) -> float:
    """The lower end where the variance is 0 because every verdict agrees: that of the exact interval of agreement."""
    if any(one != other for one, other in zip(judge, people, strict=True)):
        return value
    return (false_rate_interval(len(judge), len(judge))[0] - chance) / (1 - chance)


def bias(judge: Sequence[float], people: Sequence[float]) -> Between:
    """Mean of judge minus people, -1 to 1: above 0 where the judge is too kind. The interval is ``gain_interval``'s.

    Nones without a reply; no interval of a single one.
    """
    d = _difference(judge, people)
    return Between(float(d.mean()), *gain_interval(d, share=True)) if d.size else Between(None, None, None)


def bias_by_length(judge: Sequence[float], people: Sequence[float], lengths: Sequence[int]) -> Between:
    """Mean of judge minus people over the longer half of the replies, less that over the shorter half (Welch 1947).

    Above 0 where the judge favours length. The middle one of an odd number belongs to neither half, replies of equal
    length stay in their order. Nones for fewer than 4 replies; no interval where neither half has any spread.
    """
    d, order = _difference(judge, people), np.argsort(np.asarray(lengths), kind="stable")
    half = d.size // 2
    short, long = d[order[:half]], d[order[d.size - half :]]
    if half < 2:
        return Between(None, None, None)
    parts = [float(side.var(ddof=1)) / half for side in (short, long)]
    gap, error = float(long.mean() - short.mean()), sum(parts)
    if error == 0:
        return Between(gap, None, None)
    freedom = error**2 / sum(part**2 / (half - 1) for part in parts)
    reach = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(error)
    return Between(gap, gap - reach, gap + reach)


def verdicts(judge: Sequence[float], people: Sequence[float]) -> Verdicts:
    """All that a correction needs of the labelled replies; at least two, for the variances are those of a sample."""
    pairs = list(zip(judge, people, strict=True))
    spread = np.cov(np.asarray([judge, people], dtype=float))
    return Verdicts(
        good=sum(p == 1 for _, p in pairs),
        good_found=sum(p == 1 and j == 1 for j, p in pairs),
        bad=sum(p == 0 for _, p in pairs),
        bad_found=sum(p == 0 and j == 0 for j, p in pairs),
        judge_variance=float(spread[0, 0]),
        people_variance=float(spread[1, 1]),
        covariance=float(spread[0, 1]),
        judge_mean=float(np.mean(judge)),
        people_mean=float(np.mean(people)),
    )


def rogan_gladen(seen: Summary, known: Verdicts) -> Between:
    """The share of good replies behind the share that a judge of yes or no calls good, whose errors are ``known``.

    Holds where its sensitivity and specificity are those of the labels, whatever the share of good ones among these.
    None where the judge hardly tells good from bad.
    """
    if seen.mean is None or not known.good or not known.bad:
        return Between(None, None, None)
    youden = known.good_found / known.good + known.bad_found / known.bad - 1
    if youden < _LEAST:
        return Between(None, None, None)
    value = (seen.mean + known.bad_found / known.bad - 1) / youden
    z = _z()
    n, good, bad = seen.n + z * z, known.good + 2, known.bad + 2
    q, se, sp = (seen.n * seen.mean + z * z / 2) / n, (known.good_found + 1) / good, (known.bad_found + 1) / bad
    slope = max(se + sp - 1, _LEAST)
    p = min(max((q + sp - 1) / slope, 0.0), 1.0)
    shift = 2 * z * z * (p * se * (1 - se) / good - (1 - p) * sp * (1 - sp) / bad)
    parts = q * (1 - q) / n + p**2 * se * (1 - se) / good + (1 - p) ** 2 * sp * (1 - sp) / bad
    half = z * math.sqrt(parts) / slope
    low, high = max(p + shift - half, 0.0), min(p + shift + half, 1.0)
    value = min(max(value, 0.0), 1.0)
    return Between(value, min(low, value), max(high, value))


def prediction_powered(seen: Summary, known: Verdicts, labelled: int) -> Between:
    """The mean that people would give, from the mean of the judge and ``labelled`` replies that both have read.

    people + w (judge on all - judge on the labelled), w = cov / ((1 + labelled / n) var) between 0 and 1: the less the
    judge goes with people, the less it counts; a judge of one verdict for all counts nothing. t interval. Holds where
    the labelled replies are drawn at random from those that the judge read. Nones for fewer than 2 on either side.
    """
    if seen.mean is None or seen.n < 2 or labelled < 2:
        return Between(None, None, None)
    weight = 0.0
    if known.judge_variance > 0:
        weight = known.covariance / ((1 + labelled / seen.n) * known.judge_variance)
        weight = min(max(weight, 0.0), 1.0)
    value = weight * seen.mean + known.people_mean - weight * known.judge_mean
    rest = known.people_variance - 2 * weight * known.covariance + weight**2 * known.judge_variance
    rest *= (labelled - 1) / max(labelled - 2, 1)  # the weight was fitted to the same labels
    error = weight**2 * (seen.std or 0.0) ** 2 / seen.n + max(rest, 0.0) / labelled
    half = float(special.stdtrit(labelled - 1, (1 + CONFIDENCE) / 2)) * math.sqrt(error)
    value = min(max(value, 0.0), 1.0)
    return Between(value, max(value - half, 0.0), min(value + half, 1.0))


def _difference(judge: Sequence[float], people: Sequence[float]) -> Floats:
    found: Floats = np.asarray(judge, dtype=float) - np.asarray(people, dtype=float)
    return found


def _z() -> float:
    return float(special.ndtri((1 + CONFIDENCE) / 2))
