"""Which third-party modules an entry file will import, read from the source without running it.

Follows imports that resolve inside the tree and collects those that do not. It knows nothing of what is installed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILES = 500  # of one app; more are not read, their imports merely cost time in the child


def roots(tree: Path, entry: str, extra: tuple[str, ...] = ()) -> list[Path]:
    """Folders that come first on sys.path: the tree, its src layout, those named, and the entry's own folder."""
    own = (tree / entry.partition(":")[0]).parent
    found = [tree, tree / "src", *(tree / name for name in extra), own]
    return list(dict.fromkeys(folder for folder in found if folder.is_dir()))


def third_party(entry_file: Path, folders: list[Path]) -> list[str]:
    """Dotted names imported at the top level of the entry and of what it imports from ``folders``, in order met."""
    found: dict[str, None] = {}
    seen: set[Path] = set()
    todo = [entry_file]
    while todo and len(seen) < MAX_FILES:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for name, members in _imports(path, folders):
            local = _local(name, folders)
            if local:
                todo += local + [file for member in members for file in _local(f"{name}.{member}", folders)]
            elif name.partition(".")[0] not in sys.stdlib_module_names:
                found[name] = None
    return list(found)


def module_name(file: Path, folders: list[Path]) -> str:
    """The dotted name under which the tree's own code would import ``file``; "" when it has none."""
    src_first = sorted(folders[:2], key=lambda folder: len(folder.parts), reverse=True)
    for folder in src_first:
        if file.is_relative_to(folder):
            parts = file.relative_to(folder).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            return ".".join(parts) if all(part.isidentifier() for part in parts) else ""
    return ""


def _imports(path: Path, folders: list[Path]) -> Iterator[tuple[str, list[str]]]:
    """(module, names taken from it) for every import that runs when the file is imported."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return
    for statement in _top_level(body):
        if isinstance(statement, ast.Import):
            yield from ((alias.name, []) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            name = _absolute(statement, path, folders)
            if name:
                yield name, [alias.name for alias in statement.names]


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for block in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                yield from _top_level(getattr(statement, block, []))


def _absolute(statement: ast.ImportFrom, path: Path, folders: list[Path]) -> str:
    if not statement.level:
        return statement.module or ""
    package = path.parent
    for _ in range(statement.level - 1):
        package = package.parent
    base = module_name(package / "__init__.py", folders)
    return ".".join(part for part in (base, statement.module) if part)


def _local(name: str, folders: list[Path]) -> list[Path]:
    """The files inside the tree that importing ``name`` runs; none when it does not resolve there."""
    parts = name.split(".")
    for folder in folders:
        top = folder / parts[0]
        if not (top.is_dir() or top.with_suffix(".py").is_file()):
            continue
        packages = [folder.joinpath(*parts[:depth], "__init__.py") for depth in range(1, len(parts) + 1)]
        files = [*packages, folder.joinpath(*parts).with_suffix(".py")]
        return [file for file in files if file.is_file()] or [top]
    return []
