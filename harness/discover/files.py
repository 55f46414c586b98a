"""The Python files of a repository and where an import leads. Reads files; evaluates nothing."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.sources import Source, UnreadableError

_SKIPPED = {"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist"}
_CHOICES = 8  # files that one path may mean
_LARGEST = 2_000_000  # bytes; generated tables are not apps


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One parsed file of the repository."""

    file: str  # relative to the root, forward slashes
    source: Source
    tree: ast.Module


@dataclass
class Files:
    """The files below ``root``, parsed once each when asked for."""

    root: Path
    unreadable: dict[str, UnreadableError] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)  # SHA-256 of each file that was read
    _named: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    lines: int = 0  # of the files parsed
    _parsed: dict[str, SourceFile | None] = field(default_factory=dict)
    _listed: tuple[str, ...] | None = None
    _imports: dict[tuple[str, int, Path], str | None] = field(default_factory=dict)

    def python(self) -> tuple[str, ...]:
        """Every Python file, sorted, without hidden folders, environments and tests."""
        if self._listed is None:
            self._listed = tuple(self._walk())
        return self._listed

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            here = Path(folder)
            folders[:] = sorted(name for name in folders if not _is_skipped(here / name))
            for name in sorted(names):
                if name.endswith(".py") and not name.startswith("test_") and name != "conftest.py":
                    yield (here / name).relative_to(self.root).as_posix()

    def named(self, folder: str, tail: str) -> list[str]:
        """Files below a folder whose path ends with this; none where there are too many to choose from."""
        if ".." in Path(folder, tail).parts or Path(folder, tail).is_absolute():
            return []
        if (folder, tail) not in self._named:
            found: list[str] = []
            for here, folders, _ in os.walk(self.root / folder):
                folders[:] = sorted(name for name in folders if not _is_skipped(Path(here, name)))
                path = Path(here, tail)
                found += [path.relative_to(self.root).as_posix()] if path.is_file() else []
            self._named[folder, tail] = found if len(found) <= _CHOICES else []
        return self._named[folder, tail]

    def get(self, file: str) -> SourceFile | None:
        """The parsed file, or None when it is missing or cannot be read (``unreadable`` says why)."""
        if file not in self._parsed:
            self._parsed[file] = self._parse(file)
        return self._parsed[file]

    def content(self, file: str) -> bytes:
        """The content of a file, noted as read. Raises OSError."""
        raw = (self.root / file).read_bytes()
        self.read[file] = hashlib.sha256(raw).hexdigest()
        return raw

    def digest(self) -> str:
        """Of the content of everything that was read."""
        return hashlib.sha256(repr(sorted(self.read.items())).encode()).hexdigest()

    def containing(self, words: tuple[str, ...]) -> Iterator[str]:
        """Python files whose bytes hold one of the words."""
        needles = [word.encode() for word in words]
        for file in self.python():
            path = self.root / file
            if path.stat().st_size <= _LARGEST:
                raw = path.read_bytes()  # not noted as read: the content counts for nothing but the word
                if any(needle in raw for needle in needles):
                    yield file

    def module(self, dotted: str, level: int, importer: str) -> str | None:
        """The file that ``dotted`` means when ``importer`` imports it; a package folder gives its path with a slash.

        Searched upwards from the importer, each time also in a ``src`` folder, as the usual ways to start an app put
        one of these on the path. ``level`` is the number of leading dots.
        """
        here = (self.root / importer).parent
        if (dotted, level, here) not in self._imports:
            self._imports[dotted, level, here] = self._find(dotted, level, here)
        return self._imports[dotted, level, here]

    def _find(self, dotted: str, level: int, here: Path) -> str | None:
        tail = Path(*dotted.split(".")) if dotted else Path()
        if level:
            base = here
            for _ in range(level - 1):
                base = base.parent
            return self._at(base / tail)
        while True:
            for base in (here, here / "src"):
                if (base / tail.parts[0]).exists() or (base / f"{tail.parts[0]}.py").is_file():
                    found = self._at(base / tail)
                    if found:
                        return found
            if here in (self.root, here.parent):
                return None
            here = here.parent

    def _at(self, path: Path) -> str | None:
        if not path.is_relative_to(self.root):
            return None
        for candidate in (path / "__init__.py", path.with_name(f"{path.name}.py")):  # a package hides the module
            if path != self.root and candidate.is_file():
                return candidate.relative_to(self.root).as_posix()
        return f"{path.relative_to(self.root).as_posix()}/" if path.is_dir() else None

    def _parse(self, file: str) -> SourceFile | None:
        path = self.root / file
        try:
            if path.stat().st_size > _LARGEST:
                self.unreadable[file] = UnreadableError(f"larger than {_LARGEST} bytes")
                return None
            source = Source.of(self.content(file), python=path.suffix in {".py", ".pyi"})
            tree = source.tree()
            self.lines += len(source.starts)
            return SourceFile(file, source, tree)
        except FileNotFoundError:
            return None
        except UnreadableError as error:
            self.unreadable[file] = error
        except OSError as error:
            self.unreadable[file] = UnreadableError(str(error))
        return None


def _is_skipped(folder: Path) -> bool:
    name = folder.name
    return name.startswith(".") or name in _SKIPPED or name in {"tests", "test"} or (folder / "pyvenv.cfg").exists()
