"""Git, and nothing else: the user's repository is read, a private worktree is written. Other rooms never touch git.

This room knows nothing of goals, cases or measurements; paths that mean something to a run are handed in.
"""

from harness.repo.command import version
from harness.repo.leftovers import Leftover, clear, leftovers
from harness.repo.open import HOME
from harness.repo.repository import Repo
from harness.repo.worktree import Worktree

__all__ = ["HOME", "Leftover", "Repo", "Worktree", "clear", "leftovers", "version"]
