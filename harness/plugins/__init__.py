"""Built-ins, installed entry points and the user's own files: one loader, one check, one error.

A plug-in that is not what it claims is a PluginError that names the file and the fix, when it is loaded where that can
be seen and else when it first answers. This room knows no metric's meaning and no technique.
"""

from harness.plugins.calibrations import known, store
from harness.plugins.desk import Desk, serve
from harness.plugins.evals import digests
from harness.plugins.kinds import measured
from harness.plugins.metrics import measures, metrics, options, places, release, survey
from harness.plugins.proposers import BUILTIN, expanded, files, proposers, techniques
from harness.plugins.rubrics import files as rubrics
from harness.plugins.whole import PERCENTILES

__all__ = [
    "BUILTIN", "PERCENTILES", "Desk", "digests", "expanded", "files", "known", "measured", "measures", "metrics",
    "options", "places",
    "proposers", "release", "rubrics", "serve", "store", "survey", "techniques",
]  # fmt: skip
