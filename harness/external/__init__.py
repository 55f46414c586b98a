"""A repo's own evaluation command in place of a graph: it is run on the cases, and its results are read by case.

Implements ``protocols.App``; finds the texts that the settings name. Knows nothing of decisions, sees no model call.
"""

from harness.external.app import CommandApp, CommandHost
from harness.external.command import missing_program, scripts
from harness.external.found import NODE, discovery, files, problems
from harness.external.learn import FILE, known_ids, written
from harness.external.limits import told_limits
from harness.external.runner import CommandOptions
from harness.external.seen import failures, observations, same_results

__all__ = [
    "FILE", "NODE", "CommandApp", "CommandHost", "CommandOptions", "discovery", "failures", "files", "known_ids",
    "missing_program", "observations", "problems", "same_results", "scripts", "told_limits", "written",
]  # fmt: skip
