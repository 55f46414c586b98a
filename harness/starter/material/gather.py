"""Goes through the files of a repository and collects examples. Opens files; changes, imports and runs nothing."""

from __future__ import annotations

import ast
import hashlib
import heapq
import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt

from harness.discover import Keys
from harness.figures import count
from harness.starter.material import calls, lists, promptfoo, tables
from harness.starter.material.found import Found, Gathered
from harness.starter.material.records import canonical, example
from harness.starter.material.secrets import holds_secret
from harness.types import Json

_FOLDERS = {
    "eval", "evals", "evaluation", "evaluations", "test", "tests", "data", "example", "examples", "dataset", "datasets",
    "benchmark", "benchmarks", "golden",
}  # fmt: skip
_NAMED = re.compile(r"(?i)(eval|dataset|golden|test_?cases?|questions|examples|qa_?pairs?|benchmark)")
_SKIPPED = {"node_modules", "site-packages", "__pycache__", "venv", "cassettes", "fixtures", "reports", ".github"}
_PYTHON = 1_000_000  # bytes of a source file that is read
_EVERY = 300  # examples of one file
_NODES, _CHARACTERS = 5_000, 200_000  # of one example
_ORDER = {"data": 0, "promptfoo": 0, "test or script": 1, "README": 2}


def gather(root: Path, files: Iterable[str], keys: Keys, entry: str) -> Gathered:
    """The examples in ``files`` (relative to ``root``), those of data files first; at most 300 of a file, chosen by
    hash so that the same ones are taken on every machine. ``keys`` are those of the graph ``entry``."""
    notes: list[str] = []
    counts: dict[str, int] = {}
    kept: list[tuple[str, Found]] = []
    for file in sorted(files):
        kind = _kind(PurePosixPath(file))
        if not kind:
            continue
        whole = _Sample(_examples(root, file, kind, keys, entry, notes))
        found = whole.kept()
        if whole.secrets:
            notes.append(
                f"{file}: {count(whole.secrets, 'example')} left out: what looks like a key is in "
                f"{'it' if whole.secrets == 1 else 'them'} ({whole.first_secret})"
            )
        if whole.large:
            notes.append(f"{file}: {count(whole.large, 'example')} left out, each too long for a case")
        if whole.total > len(found):
            notes.append(f"{file}: {len(found)} of its {whole.total:,} examples were taken, chosen by hash")
        if found:
            counts[file] = whole.total
            kept += [(kind, one) for one in found]
    kept.sort(key=lambda pair: (not (pair[1].expected or pair[1].holds), _ORDER[pair[0]]))
    return Gathered(tuple(kept), counts, tuple(notes))


class _Sample:
    """At most ``_EVERY`` of a stream of examples: those with the least hashes, in their order."""

    def __init__(self, stream: Iterable[Found]) -> None:
        self.total = self.secrets = self.large = 0
        self.first_secret = ""
        self._stream = stream

    def kept(self) -> list[Found]:
        """The examples that are kept; counts what is not."""
        least = heapq.nsmallest(_EVERY, enumerate(self._usable()), key=lambda pair: (_mark(pair[1]), pair[0]))
        return [found for _, found in sorted(least, key=lambda pair: pair[0])]

    def _usable(self) -> Iterator[Found]:
        for found in self._stream:
            told = [found.given, dict(found.expected), list(found.holds), found.hint]
            if not _is_short(told):
                self.large += 1
            elif holds_secret(told):
                self.secrets += 1
                self.first_secret = self.first_secret or found.where
            elif _is_text(told):
                self.total += 1
                yield found


def _mark(found: Found) -> str:
    return hashlib.sha256(canonical([found.given, dict(found.expected)]).encode()).hexdigest()


def _is_short(value: Json) -> bool:
    """Whether a value is small, every shared part counted where it stands."""
    waiting, nodes, characters = [value], 0, 0
    while waiting:
        item = waiting.pop()
        nodes += 1
        characters += len(item) if isinstance(item, str) else 0
        if nodes > _NODES or characters > _CHARACTERS:
            return False
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple):
            waiting += item
    return True


def _is_text(value: Json) -> bool:
    """Whether every text in a value can be written, and every number read again."""
    if isinstance(value, str):
        return "\x00" not in value and value.encode("utf-8", "ignore").decode() == value
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_text(key) and _is_text(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_text, value))
    if isinstance(value, float):
        return abs(value) < float("inf")
    return value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**300)


def _kind(path: PurePosixPath) -> str:
    """What a file may hold, by its name and place; "" for what is not opened."""
    folders = {part.lower() for part in path.parts[:-1]}
    if folders & _SKIPPED or any(part.startswith(".") for part in path.parts):
        return ""
    if promptfoo.is_one(path.name):
        return "promptfoo"
    if path.suffix == ".py":
        return "test or script"
    if path.suffix == ".md" and (path.stem.lower().startswith("readme") or folders & {"docs", "examples"}):
        return "README"
    if path.suffix in tables.SUFFIXES and (folders & _FOLDERS or _NAMED.search(path.stem)):
        return "data"
    return ""


def _examples(root: Path, file: str, kind: str, keys: Keys, entry: str, notes: list[str]) -> Iterator[Found]:
    path = root / file
    if path.is_symlink() or not path.is_file():
        return
    if kind == "promptfoo":
        yield from promptfoo.examples(path, file, notes)
    elif kind == "data":
        table = tables.read(path, file)
        for line, row in table.rows:
            where = f"{file}:{line}"
            is_test = any(name.startswith("__expected") for name in row)
            found = promptfoo.of_columns(row, where) if is_test else example(row, keys, where)
            if found is not None:
                yield found
        notes += table.notes
    elif (text := _text(path)) is not None:
        blocks = _blocks(text) if kind == "README" else [(1, text)]
        for first, block in blocks:
            if (tree := _tree(block)) is not None:
                yield from calls.examples(tree, file, keys, entry, first)
                if kind != "README":
                    is_eval = bool({part.lower() for part in PurePosixPath(file).parts[:-1]} & _FOLDERS)
                    yield from lists.examples(tree, file, keys, is_eval=is_eval)


def _text(path: Path) -> str | None:
    """A source or a page; None where it is none that people write."""
    try:
        return path.read_bytes().decode("utf-8-sig") if path.stat().st_size <= _PYTHON else None
    except (OSError, UnicodeDecodeError):
        return None


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """(line of the file that it begins on, code) of the Python blocks of a page."""
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.map and token.info.split(" ")[0].lower() in ("python", "py", "python3"):
            yield token.map[0] + 2, re.sub(r"(?m)^(>>> |\.\.\. )", "", token.content)


def _tree(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
