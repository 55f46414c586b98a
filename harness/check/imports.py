"""What an app imports on its start, read from its source: packages of others, and its own files that are no Python.

Imports nothing and knows no interpreter.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MAYBE_MISSING = ("ImportError", "ModuleNotFoundError", "Exception")


@dataclass(frozen=True, slots=True)
class Needed:
    """One top-level package and the first line that imports it."""

    package: str  # "langchain_openai"
    where: str  # "graphs/x/graph.py:3"


@dataclass(frozen=True, slots=True)
class Broken:
    """One file of the repo that this interpreter cannot parse."""

    file: Path
    line: int  # 1-based
    why: str


def on_start(root: Path, entry: Path) -> tuple[tuple[Needed, ...], tuple[Broken, ...]]:
    """Top-level packages that the app at ``entry`` imports on start, itself or through modules of the repo; and those
    modules that do not parse.

    Left out are the standard library, the repo's own modules, and what an app can do without: imports inside functions,
    under TYPE_CHECKING, and in a ``try`` that catches ImportError.
    """
    roots = tuple(dict.fromkeys((root, entry.parent, root / "src")))
    found: dict[str, Needed] = {}
    broken: list[Broken] = []
    waiting, seen = [entry], {entry}
    while waiting:
        file = waiting.pop()
        tree = _parsed(file)
        if isinstance(tree, Broken):
            broken.append(tree)
            continue
        for module, line in _imports(tree, file, roots):
            own = _own_files(module, roots)
            waiting += [path for path in own if path not in seen]
            seen.update(own)
            package = module.partition(".")[0]
            if not own and not _is_own(package, roots) and package not in sys.stdlib_module_names:
                where = f"{file.relative_to(root).as_posix()}:{line}"
                found.setdefault(package, Needed(package, where))
    return tuple(sorted(found.values(), key=lambda need: need.where)), tuple(broken)


def _parsed(file: Path) -> ast.Module | Broken:
    try:
        return ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError) as error:
        why = error.msg if isinstance(error, SyntaxError) else str(error)
        return Broken(file, getattr(error, "lineno", None) or 1, why)


def _imports(tree: ast.Module, file: Path, roots: tuple[Path, ...]) -> Iterator[tuple[str, int]]:
    """(absolute dotted module, line) of each import that runs when the file is imported."""
    package = _package_of(file, roots)
    for node in _on_import(tree.body):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        if module:
            yield module, node.lineno
        yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names if _own_files(module, roots))


def _on_import(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements that an import of the module runs without a net."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _on_import(node.orelse)
        elif isinstance(node, ast.Try) and _is_guarded(node):
            yield from _on_import(node.finalbody)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for name in ("body", "orelse", "finalbody"):
                yield from _on_import(getattr(node, name, []))


def _is_guarded(node: ast.Try) -> bool:
    return any(
        handler.type is None or any(name in ast.unparse(handler.type) for name in _MAYBE_MISSING)
        for handler in node.handlers
    )


def _package_of(file: Path, roots: tuple[Path, ...]) -> list[str]:
    """Dotted path of the package that holds a file, as seen from the first root above it."""
    root = next(root for root in roots if file.is_relative_to(root))
    return list(file.parent.relative_to(root).parts)


def _own_files(module: str, roots: tuple[Path, ...]) -> list[Path]:
    """Files of the repo that importing a dotted module runs, its packages first; [] = it is not the repo's."""
    parts = module.split(".")
    for root in roots:
        stem = root.joinpath(*parts)
        file = stem / "__init__.py" if stem.is_dir() else stem.with_name(f"{stem.name}.py")
        if file.is_file() or (stem.is_dir() and any(stem.glob("*.py"))):
            above = [root.joinpath(*parts[:n]) / "__init__.py" for n in range(1, len(parts))]
            return [path for path in (*above, file) if path.is_file()]
    return []


def _is_own(package: str, roots: tuple[Path, ...]) -> bool:
    """Whether a top-level name is a module or a folder with Python in it, of the repo."""
    return any((root / f"{package}.py").is_file() or any((root / package).glob("**/*.py")) for root in roots)
