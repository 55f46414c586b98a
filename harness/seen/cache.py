"""The discovery of a repository, kept in its ``.harness/`` and used again while every file that was read is the same.

What is kept is checked by content. Where it is missing, of another version or damaged, the repository is read. A folder
that is no repository, and one that the caller only points at, is never written to.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from harness import __version__
from harness.journal.codec import CodecError, from_json, to_json
from harness.types import Discovery

HOME = ".harness"
_CONFIGS = ("langgraph.json", "pyproject.toml", "harness.toml")  # they say which graph is meant
_JUNK = {"node_modules", "site-packages", "__pycache__"}
_KEPT = 16  # discoveries of one repository


def home_of(root: Path) -> Path | None:
    """Where the repository that holds ``root`` keeps what is ours; None outside of one."""
    here = root.resolve()
    top = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), None)
    return top / HOME if top else None


def kept(root: Path, graph: str, home: Path) -> Discovery | None:
    """What was kept for ``graph`` as the user named it, "" for none; None where it does not hold any more."""
    try:
        record = json.loads((home / "found" / _name(root, graph)).read_text(encoding="utf-8"))
        if record["reader"] != _reader() or record["listing"] != _listing(root):
            return None
        if any(_hash(root / file) != known for file, known in record["files"].items()):
            return None
        return from_json(Discovery, record["discovery"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):  # damaged, or of another form
        return None


def keep(root: Path, graph: str, found: Discovery, read: Mapping[str, str], home: Path) -> None:
    """Keep ``found`` with the digests of the files that were read, each "" where it counts as it is now.

    What cannot be written is not kept.
    """
    files = {file: known or _hash(root / file) for file, known in read.items()}
    record = {
        "reader": _reader(),
        "listing": _listing(root),
        "files": {**{name: _hash(root / name) for name in _CONFIGS}, **files},
        "discovery": to_json(found),
    }
    place = home / "found" / _name(root, graph)
    with contextlib.suppress(OSError, CodecError):
        place.parent.mkdir(parents=True, exist_ok=True)
        written = place.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(record), encoding="utf-8")
        written.replace(place)
        for old in sorted(place.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)


def _name(root: Path, graph: str) -> str:
    return f"{hashlib.sha256(repr((str(root.resolve()), graph)).encode()).hexdigest()[:24]}.json"


def _reader() -> str:
    """What would read: our version, the files of the rooms that read, and the Python whose syntax they know."""
    here = Path(__file__).parent.parent
    rooms = [here / name for name in ("discover", "documents", "literals", "types", "seen")]
    files = [*(p for room in rooms for p in sorted(room.glob("*.py"))), here / "sources.py", here / "newer.py"]
    stamps = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files]
    return hashlib.sha256(repr((__version__, sys.version_info[:2], stamps)).encode()).hexdigest()


def _listing(root: Path) -> str:
    """Digest of the names of all files that a reading could come upon."""
    names = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _JUNK)
        folders[:] = [f for f in folders if not Path(folder, f, "pyvenv.cfg").exists()]
        names.update(repr((os.path.relpath(folder, root), sorted(files))).encode())
    return names.hexdigest()


def _hash(path: Path) -> str:
    """SHA-256 of a file, "" of one that is missing or no file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
