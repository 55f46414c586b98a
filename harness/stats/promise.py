"""How likely the holdout is to show what dev has seen of a candidate: whom to confirm, and in which order.

Decides nothing: the level of a confirmation does not depend on why it is made. True gains are taken to be normal about
0 with a standard deviation of a tenth of the metric's scale, so that a noisy gain is shrunk more than a clean one of
the same p: of two candidates that gain alike against their own noise, the one that changes fewer cases is the likelier
to be shown again (docs/decisions/0002).
"""

from __future__ import annotations

import math

from scipy import special

from harness.types import Comparison

ADMITTED = 0.10  # least promise that is put to the holdout
TYPICAL = 0.10  # standard deviation of true gains, as a part of the metric's scale
_HOLDOUT = 2  # deciding units for each dev unit, as cases are split
_SHOWN = 2.0  # standard errors of a gain that a confirmation keeps: about the level that a first one is offered
_FARTHEST = 1_000  # times the dev units: no use to be told of more


def promise(found: Comparison, *, share: bool) -> float:
    """Chance, 0-1, that the gain on a holdout of twice the size lies ``_SHOWN`` standard errors above 0.

    ``share``: the metric is a share of 1. 0 where nothing was compared. Where every unit moved alike: 1 for a gain, 0
    for none.
    """
    return _chance(found, found.n, share)


def units_to_admit(found: Comparison, *, share: bool) -> int | None:
    """Dev units on which the same gain with the same spread would be admitted; None where none would."""
    n = found.n
    while 0 < n <= found.n * _FARTHEST:
        if _chance(found, n, share) >= ADMITTED:
            return n
        n = math.ceil(n * 1.02)
    return None


def _chance(found: Comparison, n: int, share: bool) -> float:
    if found.gain is None or found.spread is None or n == 0:
        return 0.0
    if found.spread == 0.0:
        return float(found.gain > 0)
    noise = found.spread**2 / n
    prior = (TYPICAL * _scale(found, share, math.sqrt(noise))) ** 2
    gain, doubt = found.gain * prior / (prior + noise), prior * noise / (prior + noise)
    error = noise / _HOLDOUT
    return float(special.ndtr((gain - _SHOWN * math.sqrt(error)) / math.sqrt(doubt + error)))


def _scale(found: Comparison, share: bool, error: float) -> float:
    """Of a share the standard deviation of right and wrong; of a measure its mean, or its noise where that is larger.

    The wider one of both arms: from an end of the scale, such as a broken output format that scores 0, every gain
    leads to where there is more room. One right and one wrong are added to the cases: 0 or 1 is no certainty.
    """
    if share:
        return max(_binary(arm or 0.0, found.n) for arm in (found.before, found.after))
    return max(abs(found.before or 0.0), error / TYPICAL)


def _binary(mean: float, n: int) -> float:
    rate = (min(max(mean, 0.0), 1.0) * n + 1) / (n + 2)
    return math.sqrt(rate * (1 - rate))
