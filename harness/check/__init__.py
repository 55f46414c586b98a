"""Everything that is wrong with a setup, at once, before a model call is spent. Runs nothing of the user's."""

from harness.check.advice import on_tree
from harness.check.commanded import settled
from harness.check.fitting import misfits
from harness.check.preflight import OWN, Checked, check, shown

__all__ = ["OWN", "Checked", "check", "misfits", "on_tree", "settled", "shown"]
