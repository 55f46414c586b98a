"""Everything that is wrong with a setup, at once, before a model call is spent. Runs nothing of the user's."""

from harness.check.preflight import Checked, check

__all__ = ["Checked", "check"]
