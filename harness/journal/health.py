"""Whether a file of SQLite is whole. Reads only; knows none of its tables."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from harness.journal.database import in_words, is_damage


def damage(path: Path) -> str:
    """What is wrong with the SQLite file ``path`` in SQLite's words; "" when nothing is, or when there is no file.

    Raises MachineError or RepoError where it cannot be read at all, as on a full disk: that is no damage.
    """
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("pragma integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        told = in_words(path, error)
        if told is None:
            raise
        raise told from error
    return "" if found == "ok" else " ".join(str(found).split())
