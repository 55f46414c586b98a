"""The Python files of a repository and where an import leads. Reads files; evaluates nothing."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.discover.mending import Left, mended
from harness.discover.notebooks import SUFFIX, code_of
from harness.sources import Source, UnreadableError

_SKIPPED = {"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist"}
_LIBRARIES = {"langgraph", "langchain", "langchain_core", "openai", "anthropic", "litellm", "ollama"}
_CHOICES = 8  # files that one path may mean
_LARGEST = 2_000_000  # bytes; generated tables are not apps


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One parsed file of the repository."""

    file: str  # relative to the root, forward slashes
    source: Source  # of a notebook its code alone
    tree: ast.Module

    @property
    def is_editable(self) -> bool:
        """Whether places in ``source`` are places in the file."""
        return not self.file.endswith(SUFFIX)


@dataclass
class Files:
    """The files below ``root``, parsed once each when asked for."""

    root: Path
    instead: Mapping[str, bytes] = field(default_factory=dict)  # content of files as it would be
    unreadable: dict[str, UnreadableError] = field(default_factory=dict)
    left: dict[str, list[Left]] = field(default_factory=dict)  # what was not read of files that hold a mistake
    read: dict[str, str] = field(default_factory=dict)  # SHA-256 of each file that was read
    _named: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    lines: int = 0  # of the files parsed
    _parsed: dict[str, SourceFile | None] = field(default_factory=dict)
    _listed: tuple[str, ...] | None = None
    _kept: dict[str, bytes] = field(default_factory=dict)
    _room: int = 32_000_000  # bytes of files that may still be kept
    _imports: dict[tuple[str, int, Path], str | None] = field(default_factory=dict)

    def python(self) -> tuple[str, ...]:
        """Every Python file, sorted, without hidden folders, environments and tests."""
        if self._listed is None:
            self._listed = tuple(self._walk())
        return self._listed

    def _walk(self) -> Iterator[str]:
        for path in self._files():
            if path.name.endswith(".py") and not path.name.startswith("test_") and path.name != "conftest.py":
                yield path.relative_to(self.root).as_posix()

    def notebooks(self, words: tuple[str, ...]) -> list[str]:
        """Every notebook that holds one of the words."""
        found = [path.relative_to(self.root).as_posix() for path in self._files() if path.name.endswith(SUFFIX)]
        return [file for file in found if any(word.encode() in self._bytes(file) for word in words)]

    def _files(self) -> Iterator[Path]:
        """Every regular file, sorted; links that lead round in a circle lead nowhere."""
        for folder, folders, names in os.walk(self.root, onerror=self._closed):
            here = Path(folder)
            folders[:] = sorted(name for name in folders if not _is_skipped(here / name))
            yield from (here / name for name in sorted(names) if (here / name).is_file())

    def _closed(self, error: OSError) -> None:
        folder = Path(error.filename).relative_to(self.root).as_posix()
        self.unreadable[folder] = UnreadableError(error.strerror or str(error))

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

    def mistake(self, file: str) -> Left | None:
        """The first mistake of a program that is read in part, but for those that newer Pythons may not mind."""
        found = self.get(file)
        left = self.left.get(file, []) if found and found.is_editable else []
        return next((mistake for mistake in left if not mistake.why.startswith("f-string")), None)

    def content(self, file: str) -> bytes:
        """The content of a file, noted as read. Raises OSError."""
        raw = self.instead[file] if file in self.instead else (self.root / file).read_bytes()
        self.read[file] = hashlib.sha256(raw).hexdigest()
        return raw

    def digest(self) -> str:
        """Of the content of everything that was read."""
        return hashlib.sha256(repr(sorted(self.read.items())).encode()).hexdigest()

    def containing(self, words: tuple[str, ...]) -> Iterator[str]:
        """Python files whose bytes hold one of the words."""
        needles = [word.encode() for word in words]
        for file in self.python():
            raw = self._bytes(file)
            if any(needle in raw for needle in needles):
                yield file

    def holds(self, file: str, words: tuple[bytes, ...]) -> bool:
        """Whether the bytes of the file hold every one of the words."""
        raw = self._bytes(file)
        return all(word in raw for word in words)

    def small(self, suffixes: tuple[str, ...], most: int) -> list[str]:
        """Files with one of the suffixes and at most so many bytes, without hidden folders, environments and tests."""
        named = (path for path in self._files() if path.suffix[1:] in suffixes)
        return [path.relative_to(self.root).as_posix() for path in named if path.stat().st_size <= most]

    def _bytes(self, file: str) -> bytes:
        """The content of a file, not noted as read: it counts for nothing but a word. Kept while that is cheap."""
        if file in self.instead or file in self._kept:
            return self.instead.get(file) or self._kept.get(file, b"")
        path = self.root / file
        try:
            raw = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
        except OSError as error:
            self.unreadable[file] = UnreadableError(error.strerror or str(error))
            raw = b""
        if self._room >= len(raw):
            self._kept[file], self._room = raw, self._room - len(raw)
        return raw

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
                if tail.parts[0] in _LIBRARIES and not self._is_library(base, tail.parts[0]):
                    continue
                if (base / tail.parts[0]).exists() or (base / f"{tail.parts[0]}.py").is_file():
                    found = self._at(base / tail)
                    if found:
                        return found
            if here in (self.root, here.parent):
                return None
            here = here.parent

    def _is_library(self, base: Path, name: str) -> bool:
        """Whether a folder called like a library hides the installed one: as a package at the root of a project."""
        rooted = base in (self.root, self.root / "src") or (base / "pyproject.toml").is_file()
        return rooted and (base / name / "__init__.py").is_file()

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
                self.unreadable[file] = UnreadableError(f"larger than {_LARGEST:,} bytes")
                return None
            raw, notebook = self.content(file), path.suffix == SUFFIX
            if notebook:
                raw = code_of(raw).encode()
            source = Source.of(raw, python=notebook or path.suffix in {".py", ".pyi"})
            self.lines += len(source.starts)
            return SourceFile(file, source, self._tree(file, source))
        except FileNotFoundError:
            return None
        except UnreadableError as error:
            self.unreadable[file] = error
        except OSError as error:
            self.unreadable[file] = UnreadableError(str(error))
        return None

    def _tree(self, file: str, source: Source) -> ast.Module:
        try:
            return source.tree()
        except UnreadableError:
            tree, self.left[file] = mended(source.text)
            return tree


def _is_skipped(folder: Path) -> bool:
    name = folder.name
    return name.startswith(".") or name in _SKIPPED or name in {"tests", "test"} or (folder / "pyvenv.cfg").exists()
