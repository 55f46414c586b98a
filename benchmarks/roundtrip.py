"""Edits of real repositories, there and back: ``python -m benchmarks.roundtrip NAME=CHECKOUT ...``.

Every proved or likely text of each checkout is given hostile texts, its variables kept. A parser that is not ours (ast,
PyYAML, tomllib, json) must read the text asked for out of the changed file, nothing else may differ, a fresh discovery
must read it too, and taking the edit back must leave the file byte-identical. What is refused counts apart, with its
reason. The checkout is copied first and stays as it is.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
import string
import sys
import tempfile
import textwrap
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from harness.changes import Edit, Refused, apply, bind, undo
from harness.discover import discover
from harness.types import Change, Node, Parts, Prompt, Proposal, Variable, text_of

HOSTILE = {
    "words": "One more sentence that says what to do.",
    "braces": " {braces} {{double}} }{ {0} {a!r:>3} {} ",
    "tags": " {% if x %} {# note #} {{ name }} ${cash} $ %s 100 % %(x)d ",
    "quotes": ' "double" \'single\' """three""" \'\'\'three\'\'\' `ticks` "',
    "backslashes": "C:\\new\\table \\n \\\\ \\N{DASH} \\x41 \\",
    "lines": "first line\n\n\n  indented: yes\n\ttab\n- item # no comment\n",
    "edges": "   spaces around and at the end of a line   \n \nlast   ",
    "unicode": "naïve – “quotes” 日本語 🙂 \u202e\u2028\x85\xa0\x07 ü",
    "long": "word " * 1200,
    "yaml": "- a: b\n---\n# c\n& * ! | > @ ` %YAML\n...\nnull",
    "newline": "\n",
    "return": "a\r\nb",
    "empty": "",
}
PLACES: dict[str, Callable[[Parts, str], Parts]] = {
    "behind": lambda parts, text: (*parts, text),
    "before": lambda parts, text: (text, *parts),
    "within": lambda parts, text: tuple(_halved(parts, text)),
    "instead": lambda parts, text: (text, *(p for v in parts if isinstance(v, Variable) for p in (v, text))),
}


def _halved(parts: Parts, text: str) -> Iterator[str | Variable]:
    for part in parts:
        if isinstance(part, Variable):
            yield part
        else:
            middle = len(part) // 2
            yield from (part[:middle], text, part[middle:])


def main() -> None:
    """One line per checkout, then the refusals counted by reason and every failure; exit code 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="+", metavar="NAME=CHECKOUT")
    options = parser.parse_args()
    total, refused, failed = Counter[str](), Counter[str](), list[str]()
    for given in options.checkouts:
        name, _, path = given.partition("=")
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(
                shutil.copytree(path, Path(folder) / "tree", ignore=shutil.ignore_patterns(".git"), symlinks=True)
            )
            trips = _Trips(tree)
            trips.all()
        print(f"{name}: {len(trips.prompts)} texts, {dict(trips.counts)}", flush=True)
        total += trips.counts
        refused += trips.refused
        failed += [f"{name} {words}" for words in trips.failed]
    print(f"all: {dict(total)}")
    for reason, count in refused.most_common():
        print(f"refused {count:5}: {reason}")
    for words in failed:
        print(f"FAILED {words}")
    sys.exit(1 if failed else 0)


class _Trips:
    """The edits of one tree."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        found = discover(tree)
        self._nodes = {node.name: node for node in found.nodes}
        self.prompts = [replace(p, proof="proved") for p in found.prompts if p.proof != "unresolved"]
        self.counts, self.refused, self.failed = Counter[str](), Counter[str](), list[str]()

    def all(self) -> None:
        """Every text at every place of every prompt, then all prompts at once as a fresh discovery reads them."""
        for name, text in HOSTILE.items():
            for place, put in PLACES.items():
                for prompt in self.prompts:
                    self._there_and_back(prompt, put(prompt.parts, text), f"{name} {place}")
        for name in ("words", "braces", "quotes", "lines"):
            self._rediscovered(HOSTILE[name])

    def _there_and_back(self, prompt: Prompt, asked: Parts, what: str) -> None:
        before = (self._tree / prompt.span.file).read_bytes()
        self.counts["edits"] += 1
        try:
            change = self._bound(prompt, asked)
            edit = apply(self._tree, change)
        except Refused as refusal:
            unchanged = "unchanged" in refusal.message
            self.counts["unchanged" if unchanged else "refused"] += 1
            self.refused[refusal.message] += not unchanged
            return
        after = (self._tree / prompt.span.file).read_bytes()
        place = f"{prompt.id} ({prompt.kind}, {prompt.template}): {what}"
        try:
            right = reads(before, after, change, edit) and as_asked(change, asked)
        except (ValueError, SyntaxError, yaml.YAMLError) as error:
            right, place = False, f"{place}: {error}"
        self.counts["read back"] += right
        undo(self._tree, edit)
        same = (self._tree / prompt.span.file).read_bytes() == before
        self.counts["byte-identical"] += same
        if not (right and same):
            self.failed.append(place)

    def _bound(self, prompt: Prompt, parts: Parts) -> Change:
        node: Node = self._nodes[prompt.nodes[0]]
        return bind(Proposal("round trip", parts, "to see"), prompt, node, id="c01", proposer="benchmark")

    def _rediscovered(self, text: str) -> None:
        """All prompts changed in one tree, the last of a file first so that the places before it stay."""
        done: list[tuple[Change, Edit]] = []
        for prompt in sorted(self.prompts, key=lambda p: (p.span.file, -p.span.start)):
            try:
                change = self._bound(prompt, (*prompt.parts, text))
                done.append((change, apply(self._tree, change)))
            except Refused:
                continue
        again = {(p.span.file, p.parts) for p in discover(self._tree).prompts}  # ids may name a line, which moves
        for change, edit in reversed(done):
            read = (change.span.file, change.new) in again
            self.counts["discovered again"] += read
            if not read:
                self.failed.append(f"{change.prompt}: a fresh discovery does not read the text {text[:20]!r}")
            undo(self._tree, edit)


def as_asked(change: Change, asked: Parts) -> bool:
    """Whether nothing was bound but what was asked for, a last line ending and the margin of a dedent text apart."""
    new, old = text_of(change.new), text_of(asked)
    return new in (old, f"{old}\n") or textwrap.dedent(new).split() == textwrap.dedent(old).split()


def reads(before: bytes, after: bytes, change: Change, edit: Edit) -> bool:
    """Whether another parser reads the new text at its place, with nothing else changed."""
    span, end = change.span, change.span.start + len(edit.after)
    if before[: span.start] != after[: span.start] or before[span.end :] != after[end:]:
        return False
    if span.file.endswith((".py", ".pyi")):
        old, new = _expression(before, span.start, span.end), _expression(after, span.start, end)
        return _told(new, change.template) == _wanted(old, change)
    if change.kind in _LOADERS:
        different = list(_different(_LOADERS[change.kind](before), _LOADERS[change.kind](after)))
        return different in ([], [_written(change)]) or set(different) == {_written(change)}
    text = after.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    return text == _written(change)


_LOADERS: dict[str, Callable[[bytes], Any]] = {
    "yaml": lambda raw: list(yaml.safe_load_all(raw)),
    "toml": lambda raw: tomllib.loads(raw.decode()),
    "json": lambda raw: json.loads(raw),
}
_MARK = b"\xef\xbb\xbf"
_DOUBLED = {"format": "{}", "dollar": "$", "percent": "%"}


def _written(change: Change) -> str:
    """The value that the carrier must hold for the template to make the new text of it."""
    return "".join(p.source if isinstance(p, Variable) else _doubled(p, change.template) for p in change.new)


def _doubled(text: str, template: str) -> str:
    return "".join(char * 2 if char in _DOUBLED.get(template, "") else char for char in text)


def _expression(raw: bytes, start: int, end: int) -> ast.expr:
    """The expression of a program between two bytes, as Python reads it. Raises ValueError."""
    mark = len(_MARK) if raw.startswith(_MARK) else 0
    begins = [mark, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", raw))]
    for node in ast.walk(ast.parse(raw)):
        if not isinstance(node, ast.expr) or node.end_lineno is None or node.end_col_offset is None:
            continue
        first, last = begins[node.lineno - 1], begins[node.end_lineno - 1]
        if (first + node.col_offset, last + node.end_col_offset) == (start, end):
            return node
    raise ValueError(f"no expression from byte {start} to {end}")


def _told(node: ast.expr, template: str) -> list[str]:
    """Texts and fields in turn, fields as syntax trees or as the formatter splits them."""
    pieces = [""]
    for leaf in _leaves(node):
        if isinstance(leaf, ast.Constant):
            pieces[-1] += str(leaf.value)
        else:
            pieces += [ast.dump(leaf), ""]
    if template == "format":
        return [str(piece) for row in string.Formatter().parse(pieces[0]) for piece in row]
    return pieces


def _wanted(old: ast.expr, change: Change) -> list[str]:
    """What ``_told`` must say of the new expression; the fields of an f-string are those of the old one, by source."""
    if change.template == "format":
        return [str(piece) for row in string.Formatter().parse(_written(change)) for piece in row]
    fields = iter([leaf for leaf in _leaves(old) if not isinstance(leaf, ast.Constant)])
    pieces = [""]
    for part in change.new:
        if isinstance(part, Variable) and change.template == "fstring":
            pieces += [ast.dump(next(fields)), ""]
        else:
            pieces[-1] += part.source if isinstance(part, Variable) else _doubled(part, change.template)
    return pieces


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp):
        yield from (*_leaves(node.left), *_leaves(node.right))
    elif isinstance(node, ast.JoinedStr):
        yield from node.values
    else:
        yield node


def _different(old: Any, new: Any) -> Iterator[object]:
    """The values of ``new`` that differ from those at the same place of ``old``."""
    if isinstance(old, dict) and isinstance(new, dict) and list(old) == list(new):
        for key in old:
            yield from _different(old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for a, b in zip(old, new, strict=True):
            yield from _different(a, b)
    elif old != new or type(old) is not type(new):
        yield new


if __name__ == "__main__":
    main()
