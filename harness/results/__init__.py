"""Per-case results of other tools -> Side. Knows their files; nothing of statistics, runs or repositories.

One file per format behind ``rows.Format``; which one a file is told by what it holds, not by its name.
"""

from harness.results.load import FORMATS, KINDS, contents, side
from harness.results.rows import Content, Row

__all__ = ["FORMATS", "KINDS", "Content", "Row", "contents", "side"]
