"""Scores -> numbers and verdicts: pure, seeded, and the only room that imports scipy. Knows no files, models or clocks.

A candidate is screened on dev (``compare``, ``futile``, ``screen``) and confirmed on the holdout in looks: ``plan``
says which cases each look adds, ``sight`` what the looks so far have shown, ``judge`` whether that is enough.
"""

from harness.stats.agreement import bias, bias_by_length, kappa, prediction_powered, rate, rogan_gladen, verdicts
from harness.stats.bank import Bank
from harness.stats.compare import Sighting, compare, contrast, sight
from harness.stats.decide import MISSING, decide, futile, judge, screen
from harness.stats.guards import clears, guard
from harness.stats.intervals import bound, false_rate_interval, gain_interval, summarise, whole_interval
from harness.stats.looks import FEWEST, Course, plan
from harness.stats.pairing import Paired, pair
from harness.stats.path import Rules, confirmed, screened
from harness.stats.power import Law, Measures, Shares, Units, calibrated, law_of, power, smallest, units_needed
from harness.stats.promise import ADMITTED, promise, units_to_admit
from harness.stats.regression import holm, p_worse
from harness.stats.rehearse import Rehearsed, Sets, Table, rehearse, tabled
from harness.stats.resampled import Resampled
from harness.stats.variance import NodeNoise, NodeShare, Noise, by_records, by_replay, noise
from harness.stats.words import describe

__all__ = [
    "ADMITTED",
    "FEWEST",
    "MISSING",
    "Bank",
    "Course",
    "Law",
    "Measures",
    "NodeNoise",
    "NodeShare",
    "Noise",
    "Paired",
    "Rehearsed",
    "Resampled",
    "Rules",
    "Sets",
    "Shares",
    "Sighting",
    "Table",
    "Units",
    "bias",
    "bias_by_length",
    "bound",
    "by_records",
    "by_replay",
    "calibrated",
    "clears",
    "compare",
    "confirmed",
    "contrast",
    "decide",
    "describe",
    "false_rate_interval",
    "futile",
    "gain_interval",
    "guard",
    "holm",
    "judge",
    "kappa",
    "law_of",
    "noise",
    "p_worse",
    "pair",
    "plan",
    "power",
    "prediction_powered",
    "promise",
    "rate",
    "rehearse",
    "rogan_gladen",
    "screen",
    "screened",
    "sight",
    "smallest",
    "summarise",
    "tabled",
    "units_needed",
    "units_to_admit",
    "verdicts",
    "whole_interval",
]
