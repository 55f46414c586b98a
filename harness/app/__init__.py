"""The user's app in a child process: a client here, ``worker/`` in the target's interpreter."""

from harness.app.host import AppHost
from harness.app.link import Tail
from harness.app.options import AppOptions
from harness.app.scorer import Scorer, Source
from harness.redaction import Redactor

__all__ = ["AppHost", "AppOptions", "Redactor", "Scorer", "Source", "Tail"]
