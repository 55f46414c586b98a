"""Built-ins, installed entry points and the user's own files: one loader, one check, one error.

A plug-in that is not what it claims is a PluginError that names the file and the fix, when it is loaded where that can
be seen and else when it first answers. This room knows no metric's meaning and no technique.
"""

from harness.plugins.metrics import metrics, options
from harness.plugins.proposers import files, proposers

__all__ = ["files", "metrics", "options", "proposers"]
