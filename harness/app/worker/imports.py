"""How an entry file is imported and which third-party modules it will import, read without running it.

Follows imports that resolve inside the tree and collects those that do not. It knows nothing of what is installed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILES = 500  # of one app; more are not read, their imports merely cost time in the child


def roots(tree: Path, entry: str, extra: tuple[str, ...] = ()) -> list[Path]:
    """Folders that come first on sys.path: the tree, its src layout, those named, that which holds the entry's package,
    and the entry's own."""
    file = tree / entry.partition(":")[0]
    found = [tree, tree / "src", *(tree / name for name in extra), _home(file, tree), file.parent]
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
    tree, levels = folders[0], _levels(file)
    for folder in (tree / "src", tree, _home(file, tree)):
        if file.is_relative_to(folder) and len(file.relative_to(folder).parts) > levels:
            parts = file.relative_to(folder).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if all(part.isidentifier() for part in parts):
                return ".".join(parts)
    return ""


def command(python: str, tree: Path, entry: str) -> str:
    """What imports the entry by hand, in the folder ``tree``, the way a run does."""
    file = tree / entry.partition(":")[0]
    name = module_name(file, [tree])
    if not name:
        return f"{python} {file.relative_to(tree).as_posix()}"
    home = (file.parent if file.name == "__init__.py" else file).parents[name.count(".")]
    needed = [home] if _depth(file) else [home, file.parent]
    paths = ":".join(path.relative_to(tree).as_posix() for path in dict.fromkeys(needed) if path != tree)
    start = f'-c "import {name}"' if file.name == "__init__.py" else f"-m {name}"
    return f"PYTHONPATH={paths} {python} {start}" if paths else f"{python} {start}"


def _home(file: Path, tree: Path) -> Path:
    """The folder from which the packages around ``file`` are imported, never above the tree."""
    around = [folder for folder in file.parents if folder.is_relative_to(tree)]
    return around[min(_depth(file), len(around) - 1)] if around else tree


def _depth(file: Path) -> int:
    """How many folders above ``file`` are packages: by their __init__.py, or as its relative imports ask for."""
    regular = 0
    while (file.parents[regular] / "__init__.py").is_file():
        regular += 1
    return max(regular, _levels(file))


def _levels(file: Path) -> int:
    """The most dots that a relative import of ``file`` begins with."""
    try:
        nodes = ast.walk(ast.parse(file.read_bytes()))
        return max((node.level for node in nodes if isinstance(node, ast.ImportFrom)), default=0)
    except (OSError, SyntaxError, ValueError):
        return 0


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
