"""Files that come with a change: an adapter that the app is to load lies in its repository, as its code does.

Knows nothing of what the files hold.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.changes.refusals import Refused, where_of
from harness.types import Change, Span

ROOM = "adapters"  # folder of the tree
_LARGEST = 50_000_000  # bytes: beyond it code hosts refuse or warn


def check_brought(folder: str, place: Span) -> None:
    """Raise Refused where the files are not there, or are more than a repository should hold."""
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if not files:
        raise Refused(f"there is nothing in {folder}", where=where_of(place))
    if size > _LARGEST:
        words = f"the adapter has {size / 1e6:.0f} MB, over the {_LARGEST / 1e6:.0f} MB that a repository should hold"
        raise Refused(words, where=where_of(place), fix="train one of a lower rank, or serve it with `harness models`")


def bring(tree: Path, change: Change) -> None:
    """Copy the files of the change into ``tree``, whole or not at all. None is fine."""
    if not change.brings:
        return
    target = tree / brought_to(change)
    if target.is_symlink() or (tree / ROOM).is_symlink():
        raise Refused("the folder for adapters leads out of the tree", where=brought_to(change))
    if not target.is_dir():
        draft = target.with_name(f".{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(change.brings, draft)
        draft.rename(target)


def brought_to(change: Change) -> str:
    """The folder of the tree that the files come into, relative to it."""
    return f"{ROOM}/{Path(change.brings).name}"


def files_of(change: Change) -> list[str]:
    """Every path of the tree that the change writes, folders for all that is in them."""
    return [change.span.file, *([brought_to(change)] if change.brings else [])]
