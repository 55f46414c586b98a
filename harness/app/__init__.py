"""The user's app in a child process: a client here, ``worker/`` in the target's interpreter."""

from harness.app.host import AppHost
from harness.app.options import AppOptions
from harness.app.scorer import Scorer, Source

__all__ = ["AppHost", "AppOptions", "Scorer", "Source"]
