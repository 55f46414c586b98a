"""Per-case results of other tools -> Side. Knows their files; nothing of statistics, runs or repositories.

One file per format behind ``rows.Format``; which one a file is told by what it holds, not by its name.
"""

from harness.results.load import FORMATS, side

__all__ = ["FORMATS", "side"]
