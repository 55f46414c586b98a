"""What the measured runs say: what each node should have answered, what fails, what it costs, what to work on first.

Pure functions over recorded runs; this room knows nothing of files, models or statistics.
"""

from harness.analyse.causes import Suspect, causes, suspects
from harness.analyse.confusion import confusions, mistakes, spenders
from harness.analyse.costs import node_costs, run_file
from harness.analyse.observe import failures, observe
from harness.analyse.profile import profile
from harness.analyse.record import Record
from harness.analyse.said import order, said, whole_reply
from harness.analyse.targets import targets

__all__ = [
    "Record", "Suspect", "causes", "confusions", "failures", "mistakes", "node_costs", "observe", "order", "profile",
    "run_file", "said", "spenders", "suspects", "targets", "whole_reply",
]  # fmt: skip
