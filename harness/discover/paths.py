"""Paths and open files: which prompt file a plain ``open`` or ``Path.read_text`` reads."""

from __future__ import annotations

import posixpath
from pathlib import Path

from harness.discover.texts import Literals, unresolved
from harness.discover.values import Atom, Data, FilePath, Opaque, Opened, Seq, Text, Value, one_string

_LONGEST = 1000  # characters of a path
ANY = "*"  # a folder of a path that is decided at run time
CHOSEN = "which file is read is decided at run time"
_DOCUMENTS = (".yaml", ".yml", ".toml", ".md", ".txt", ".j2", ".jinja", ".jinja2", ".prompt")
_READS = {"read_text", "read", "readlines"}


def as_path(value: Value) -> str | None:
    """The path that a value stands for, as written or relative to the root."""
    for atom in value:
        if isinstance(atom, FilePath):
            return atom.path
    return one_string(value)


def joined(base: str, *more: Value) -> Value:
    """``base / more``; a folder that is not static stays open where the name of a document follows it."""
    pieces = [as_path(piece) for piece in more]
    if None in pieces and not (pieces[-1] or "").endswith(_DOCUMENTS):
        return (Data(),)
    return (FilePath(posixpath.normpath(posixpath.join(base, *(piece or ANY for piece in pieces)))),)


def attribute(path: FilePath, name: str) -> Value | None:
    """``path.parent`` and its like; None for what is no plain attribute."""
    if name == "parent":
        return (FilePath(posixpath.dirname(path.path)),)
    if name == "parents":
        found, steps = path.path, []
        while found:
            found = posixpath.dirname(found)
            steps.append((FilePath(found),))
        return (Seq([tuple(step) for step in steps]),)
    if name in {"name", "stem", "suffix"}:
        return (Text((), str(getattr(Path(path.path), name))),)
    return None


def path_method(path: FilePath, name: str, args: tuple[Value, ...], where: str, literals: Literals) -> Value:
    """The result of a method of a path."""
    if name in {"resolve", "absolute", "expanduser"}:
        return (path,)
    if name == "joinpath":
        return joined(path.path, *args)
    if name == "with_name" and args:
        return joined(posixpath.dirname(path.path), args[0])
    if name == "open":
        return (Opened(path.path),)
    return read(path.path, where, literals) if name in _READS else (Data(),)


def found_file(path: str, where: str, literals: Literals) -> str | None:
    """The file of the repository at a path that is relative to the root or to the file that reads it."""
    here = posixpath.dirname(where.partition(":")[0])
    for candidate in (path, posixpath.normpath(posixpath.join(here, path))):
        sound = not candidate.startswith(("..", "/")) and "\n" not in candidate and len(candidate) < _LONGEST
        if sound and (literals.files.root / candidate).is_file():
            return candidate
    return None


def found_files(path: str, where: str, literals: Literals) -> list[str]:
    """The file at a path, or each file that it may mean where a folder of it is decided at run time."""
    if ANY not in path.split("/"):
        return [file for file in [found_file(path, where, literals)] if file]
    before, _, after = path.partition(f"{ANY}/")
    return literals.files.named(before, after) if ANY not in after else []


def read(path: str, where: str, literals: Literals) -> Value:
    """The text of a file of the repository."""
    files = found_files(path, where, literals)
    if not files:
        return (Opaque(f"the file {path}, not in the repository", where),)
    found: list[Atom] = []
    for file in files:
        fragments = literals.whole_file(file, f"{where} read")
        if len(files) > 1:
            fragments = tuple(unresolved(f, CHOSEN) for f in fragments)
        found.append(Text(fragments) if fragments else Opaque(f"the file {file}, no UTF-8 text", where))
    return tuple(found)


def foreign_path(name: str, args: tuple[Value, ...]) -> Value | None:
    """Path functions of the standard library by their last name; None for others."""
    path = as_path(args[0]) if args else None
    if name in {"Path", "PurePath", "PosixPath", "join"} and path is not None:
        return joined(path, *args[1:])
    if name in {"abspath", "realpath", "normpath", "expanduser", "fspath"} and path is not None:
        return (FilePath(path),)
    if name == "dirname" and path is not None:
        return (FilePath(posixpath.dirname(path)),)
    if name in {"getcwd", "cwd"}:
        return (FilePath(""),)
    return (Opened(path),) if name == "open" and path is not None else None


def opened_method(atom: Opened, name: str, where: str, literals: Literals) -> Value:
    """``handle.read()``; the handle itself for what only enters it."""
    return read(atom.path, where, literals) if name in _READS else (Data(),)
