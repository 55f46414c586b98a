"""What changed between two commits, for reading. Knows nothing of runs or of what a change means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.repo.command import Command

_PLAIN = ("-r", "--no-ext-diff", "--no-textconv")  # no program of the user's is asked how to show a file


@dataclass(frozen=True, slots=True)
class Touched:
    """One file that differs."""

    path: str
    added: int | None  # lines; None for a binary file
    removed: int | None


def unified(git: Command, base: str, to: str, exclude: Sequence[str] = ()) -> str:
    """Unified diff from ``base`` to ``to``, without the folders or files in ``exclude``.

    Bytes that are not UTF-8 are replaced: it is for reading, not for applying.
    """
    return git.run("diff-tree", "-p", *_PLAIN, base, to, *_outside(exclude)).out.decode(errors="replace")


def touched(git: Command, base: str, to: str, exclude: Sequence[str] = ()) -> tuple[Touched, ...]:
    """The files that differ, sorted by path, without the folders or files in ``exclude``."""
    rows = (
        item.split("\t", 2) for item in git.items("diff-tree", "--numstat", "-z", *_PLAIN, base, to, *_outside(exclude))
    )
    return tuple(Touched(path, _lines(added), _lines(removed)) for added, removed, path in rows)


def _outside(exclude: Sequence[str]) -> tuple[str, ...]:
    return ("--", ":(top)", *(f":(top,exclude,literal){path}" for path in exclude))


def _lines(written: str) -> int | None:
    return None if written == "-" else int(written)
