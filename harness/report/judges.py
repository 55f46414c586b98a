"""Outcome -> what the verdicts of a judge are worth: its agreement with people, and its means without its errors."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from harness.figures import NONE, amount, between, count, number
from harness.report.text import code, inline, table
from harness.types import Between, Calibration, Correction, Outcome

_HOLDS = {
    "Rogan-Gladen": "Corrected by Rogan & Gladen 1978, interval by Lang & Reiczigel 2014: the shares of good and bad "
    "replies that the judge finds are taken to be those of the labels.",
    "prediction-powered": "Corrected by prediction-powered inference (Angelopoulos et al. 2023): the labelled replies "
    "are taken to be drawn at random from those that the judge read.",
}


def parts(outcome: Outcome) -> list[Markup]:
    """Paragraphs and tables; none where no goal rests on a judge that was held against people."""
    if not outcome.calibrations:
        return []
    columns = ["Judge", "Model", "Labels", "Agreement", "Kappa", "Judge less people", "Long less short replies"]
    rows = [_row(found) for found in outcome.calibrations]
    means = [_mean(found) for found in outcome.corrections]
    found = [table(columns, rows, "llrrrrr")]
    if means:
        found.append(table(["Judge", "Version", "As judged", "Corrected"], means, "llrr"))
    methods = dict.fromkeys(one.method for one in outcome.corrections if one.corrected.value is not None)
    return [*found, *(inline(_HOLDS[method]) for method in methods), *_lacking(outcome)]


def _row(found: Calibration) -> list[Markup | str]:
    labels = f"{found.n}" + (f" (+ {found.unscored} without a verdict)" if found.unscored else "")
    kappa = found.weighted or found.kappa
    bias, length = (f"{between(one.low, one.high, '')}" for one in (found.bias, found.length))
    agreement = f"{amount(found.agreement.value, '')} {_interval(found.agreement)}"
    return [code(found.metric), code(found.model), labels, agreement, _plain(kappa), bias, length]


def _mean(found: Correction) -> list[Markup | str]:
    cells = [f"{amount(one.value, '')} {_interval(one)}".strip() for one in (found.raw, found.corrected)]
    return [code(found.metric), inline(found.version), *cells]


def _lacking(outcome: Outcome) -> Iterator[Markup]:
    for found in outcome.corrections:
        if found.corrected.value is None:
            yield inline(
                f"{found.metric}, {found.version}: no correction, because the judge hardly tells good replies from bad "
                f"ones in {count(next(c.n for c in outcome.calibrations if c.metric == found.metric), 'label')}."
            )


def _interval(found: Between) -> str:
    return "" if found.low is None or found.high is None else f"({amount(found.low, '')} to {amount(found.high, '')})"


def _plain(found: Between) -> str:
    if found.value is None or found.low is None or found.high is None:
        return NONE
    return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"
