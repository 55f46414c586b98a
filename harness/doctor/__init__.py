"""What may stand in the way on this machine and in this repository, each finding with its fix. Prints nothing."""

from harness.doctor.checks import Check
from harness.doctor.examine import examine, mend

__all__ = ["Check", "examine", "mend"]
