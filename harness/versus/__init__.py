"""Two versions of an app against each other: recorded runs, revisions of the repo, or results of other tools.

Each becomes a ``Side``; ``compare`` pairs two of them by case and run and says whether the later one is worse. Decides
nothing that a run decides, and spends nothing of its error level.
"""

from harness.versus.judge import compare
from harness.versus.pairing import paired

__all__ = ["compare", "paired"]
