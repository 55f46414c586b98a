"""What a repository already holds that can become test cases: data files, calls in code, README examples.

Everything is read, nothing is imported or run. Knows nothing of goals, settings or what a run does.
"""

from harness.starter.material.fit import fitting, rows, text_key
from harness.starter.material.found import Found, Gathered, Source
from harness.starter.material.gather import gather

__all__ = ["Found", "Gathered", "Source", "fitting", "gather", "rows", "text_key"]
