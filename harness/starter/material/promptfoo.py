"""The tests of a promptfoo configuration as examples: their variables, and what their assertions say of the output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from harness.starter.material.found import Found
from harness.types import Json

_LARGEST = 2_000_000  # bytes
_NODES = 200_000  # of the document with every alias written out
_HOLDS = ("contains", "icontains")
_NAME = re.compile(r"(?i)^promptfoo.*\.ya?ml$|\.promptfoo\.ya?ml$")
_WORDS = re.compile(
    r"^(equals|contains|icontains|contains-all|contains-any|llm-rubric|similar|regex|is-json):\s*(.*)$", re.S
)


def is_one(name: str) -> bool:
    """Whether a file of this name is a configuration of promptfoo."""
    return _NAME.search(name) is not None


def examples(path: Path, name: str, notes: list[str]) -> Iterator[Found]:
    """Every test with variables. What cannot be read is told in ``notes``."""
    try:
        if path.stat().st_size > _LARGEST:
            notes.append(f"{name}: larger than {_LARGEST / 1e6:.0f} MB, so it was not read")
            return
        text = path.read_bytes().decode()
        document = yaml.compose(text, Loader=yaml.SafeLoader)
        if document is None or _size(document, {}) > _NODES:
            notes.append(f"{name}: empty, or grows without bounds by its aliases, so it was not read")
            return
        config: Json = yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        notes.append(f"{name}: cannot be read: {str(error).splitlines()[0]}")
        return
    tests = config.get("tests") if isinstance(config, dict) else None
    lines = _lines(document)
    for index, test in enumerate(tests if isinstance(tests, list) else ()):
        given = test.get("vars") if isinstance(test, dict) else None
        if isinstance(given, dict) and given and all(isinstance(key, str) for key in given):
            line = lines[index] if index < len(lines) else 1
            yield _example(given, test.get("assert"), f"{name}:{line}", str(test.get("description") or ""))


def of_columns(row: Mapping[str, Json], where: str) -> Found:
    """One row of a test file of promptfoo: variables by column, assertions in columns ``__expected``."""
    asserts = [_assertion(item) for key, item in sorted(row.items()) if key.startswith("__expected") and item]
    given = {key: item for key, item in row.items() if not key.startswith("__")}
    return _example(given, asserts, where, str(row.get("__description") or ""))


def _assertion(cell: Json) -> dict[str, Json]:
    """ "contains: Paris" means that the output holds it; a bare text means that it is the output."""
    found = _WORDS.match(cell) if isinstance(cell, str) else None
    return {"type": found[1], "value": found[2]} if found else {"type": "equals", "value": cell}


def _example(given: Mapping[str, Json], asserts: Json, where: str, title: str) -> Found:
    told = [one for one in asserts if isinstance(one, dict)] if isinstance(asserts, list) else []
    equal = [one.get("value") for one in told if one.get("type") == "equals"]
    holds = [str(one.get("value")) for one in told if one.get("type") in _HOLDS]
    holds += [str(v) for one in told if one.get("type") == "contains-all" for v in _listed(one.get("value"))]
    rest = [
        f"{one.get('type')}: {one.get('value', '')}"[:200] for one in told if one.get("type") not in ("equals", *_HOLDS)
    ]
    expected = {"answer": equal[0]} if equal and equal[0] is not None else {}
    return Found(dict(given), where, expected, tuple(holds), "; ".join([title, *rest] if title else rest)[:400])


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [part.strip() for part in str(value).split(",")]


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Nodes below one, each alias counted as what it stands for."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = _NODES + 1  # an alias of what holds it never ends
    inner = node.value if isinstance(node, yaml.SequenceNode) else []
    inner = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else inner
    known[id(node)] = 1 + sum(_size(part, known) for part in inner)
    return known[id(node)]


def _lines(document: yaml.Node) -> list[int]:
    """The line of each test."""
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    tests = next((value for key, value in pairs if key.value == "tests"), None)
    return [node.start_mark.line + 1 for node in tests.value] if isinstance(tests, yaml.SequenceNode) else []
