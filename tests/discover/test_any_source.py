"""Whatever a file holds, the reading ends with a discovery: no crash, every span inside its file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.reading import Grammar, mutated, wrong
from harness.discover import discover
from tests.discover.forms import FORMS
from tests.discover.test_forms import written


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_generated_sources(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    root, rng = tmp_path_factory.mktemp("generated"), random.Random(seed)
    for name in ("app.py", "other.py"):
        (root / name).write_text(Grammar(rng).source())
    assert list(wrong(discover(root), root)) == []


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), name=st.sampled_from(sorted(FORMS)))
def test_mutated_apps(seed: int, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("mutated")
    raw = written(root, FORMS[name])["app.py"]
    (root / "app.py").write_bytes(mutated(raw, random.Random(seed)))
    assert list(wrong(discover(root), root)) == []


def test_a_file_that_is_no_python_is_a_note_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, FORMS["tuples"])
    (tmp_path / "bad.py").write_text("from langgraph.graph import StateGraph\nx = (\n")
    found = discover(tmp_path)
    assert [node.name for node in found.nodes] == ["work"]
    assert any(note.startswith("bad.py") and "line 2" in note for note in found.notes)
