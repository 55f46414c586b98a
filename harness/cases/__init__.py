"""Test cases: read and checked, counted, split into dev and a sealed holdout. Does not know apps, metrics or runs."""

from harness.cases.coverage import Coverage, coverage
from harness.cases.reader import load
from harness.cases.sealing import sealing
from harness.cases.split import Split, split

__all__ = ["Coverage", "Split", "coverage", "load", "sealing", "split"]
