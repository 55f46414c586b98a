"""Names that become refs and folders: which ones are safe. Knows nothing of what exists."""

from __future__ import annotations

import re

from harness.errors import RepoError

BRANCHES = "harness"  # branches of runs are harness/<run id>
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.|$)){0,99}")


def checked(name: str) -> str:
    """``name`` itself when it is safe as a ref part, a folder and an argument of git; else RepoError."""
    if not _NAME.fullmatch(name) or name.endswith(".lock"):
        raise RepoError(
            f"{name!r} cannot name a run or a candidate",
            fix="use letters, digits, '-', '_' and single dots, beginning with a letter or digit, at most 100 in all",
        )
    return name


def branch_of(run_id: str) -> str:
    """Branch of a run."""
    return f"{BRANCHES}/{checked(run_id)}"
