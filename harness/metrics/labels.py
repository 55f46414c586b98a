"""The labels that cases want beside those that the app said, for the metrics that count them by class.

Knows which fields hold labels; what is made of the counts is a formula of ``stats.formulas``.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.answers import as_text, label_like, normal, short_name
from harness.metrics import fields
from harness.metrics.faults import missing
from harness.types import Case, Json, Run


def score(case: Case, run: Run, options: Mapping[str, Json]) -> float | str:
    """Of the run alone: 1.0 when every label is the one wanted, else 0.0; a sentence where the case wants no label."""
    if run.lost:
        return missing(run) or ""
    found = _pairs(case, run, options)
    if not found:
        return "the case expects no label that the app's output answers; name the place with the option `fields`"
    return float(all(wanted == said for _, wanted, said in found))


def record(case: Case, run: Run, options: Mapping[str, Json]) -> Mapping[str, float]:
    """For each field the label wanted, the label said, and whether they agree, as one count each.

    A failure of the app says nothing.
    """
    counts: dict[str, float] = {}
    for field, wanted, said in _pairs(case, run, options):
        names = [f"wanted:{field}={wanted}", f"said:{field}={said}"]
        for name in names + ([f"right:{field}={wanted}"] if wanted == said else []):
            counts[name] = 1.0
    return counts


def _pairs(case: Case, run: Run, options: Mapping[str, Json]) -> list[tuple[str, str, str]]:
    """(field, label wanted, label said); of all fields those with labels, of fields that are named each."""
    return [
        (short_name(field), normal(as_text(expected)), normal(as_text(value)))
        for field, expected, value in fields.pairs(case, run, options)
        if options.get("only") is not None or label_like(as_text(expected))
    ]
