"""Scores -> numbers and verdicts: pure, seeded, and the only room that imports scipy. Knows no files, models or clocks.

The first form decides once per candidate, on the whole holdout. Looks at parts of the holdout will need the joint law
of sums at several sizes, which ``signflip.sum_law`` yields by stopping on the way, and will enter beside ``decide``.
"""

from harness.stats.compare import compare, contrast
from harness.stats.decide import FEWEST, MISSING, SCREEN_P, decide, futile, screen
from harness.stats.guards import guard
from harness.stats.intervals import bound, false_rate_interval, summarise
from harness.stats.pairing import Paired, pair
from harness.stats.path import Rules
from harness.stats.power import Law, Measures, Shares, Units, calibrated, law_of, power, smallest, units_needed
from harness.stats.regression import holm, p_worse
from harness.stats.rehearse import Rehearsed, Sets, Table, rehearse, tabled
from harness.stats.variance import NodeNoise, NodeShare, Noise, by_records, by_replay, noise
from harness.stats.words import describe

__all__ = [
    "FEWEST",
    "MISSING",
    "SCREEN_P",
    "Law",
    "Measures",
    "NodeNoise",
    "NodeShare",
    "Noise",
    "Paired",
    "Rehearsed",
    "Rules",
    "Sets",
    "Shares",
    "Table",
    "Units",
    "bound",
    "by_records",
    "by_replay",
    "calibrated",
    "compare",
    "contrast",
    "decide",
    "describe",
    "false_rate_interval",
    "futile",
    "guard",
    "holm",
    "law_of",
    "noise",
    "p_worse",
    "pair",
    "power",
    "rehearse",
    "screen",
    "smallest",
    "summarise",
    "tabled",
    "units_needed",
]
