"""Every written form takes a hostile text and the original back, as parsers see it that are not ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.roundtrip import HOSTILE, PLACES, as_asked, reads
from harness.changes import Refused, apply, bind, undo
from harness.discover import discover
from harness.types import Prompt, Proposal
from tests import makers
from tests.discover.forms import FORMS, HEAD, MODEL, TAIL

ANY = st.text(st.one_of(st.sampled_from("{}\"'\\\n\t #$%:-|>"), st.characters(exclude_categories=["Cs"])), max_size=40)
STYLES = {"LF": ("\n", b""), "CRLF": ("\r\n", b""), "LF with a mark": ("\n", b"\xef\xbb\xbf")}
Apps = Mapping[tuple[str, str], tuple[Path, Prompt]]


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Apps:
    """Every form on disk in each style, and its prompt."""
    found = {}
    for number, (name, form) in enumerate(FORMS.items()):
        for style, (newline, mark) in STYLES.items():
            root = tmp_path_factory.mktemp(f"form{number}")
            for file, text in {"echo.py": MODEL, "app.py": f"{HEAD}{form.body}\n{TAIL}", **form.files}.items():
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                head = mark if file.endswith(".py") else b""
                (root / file).write_bytes(head + text.replace("\n", newline).encode())
            prompt = next(p for p in discover(root, "app.py:graph").prompts if p.id == form.id)
            found[name, style] = root, replace(prompt, proof="proved")
    return found


@settings(max_examples=250, deadline=None)
@given(
    name=st.sampled_from(sorted(FORMS)),
    style=st.sampled_from(sorted(STYLES)),
    text=st.one_of(st.sampled_from(sorted(HOSTILE.values())), ANY),
    place=st.sampled_from(sorted(PLACES)),
)
def test_another_parser_reads_the_text_and_the_original_comes_back(
    apps: Apps, name: str, style: str, text: str, place: str
) -> None:
    root, prompt = apps[name, style]
    file = root / prompt.span.file
    before, asked = file.read_bytes(), PLACES[place](prompt.parts, text)
    try:
        change = bind(Proposal("test", asked, "why"), prompt, makers.node("work"), id="c01", proposer="test")
        edit = apply(root, change)
    except Refused as refusal:
        assert len(refusal.message) > 10 and refusal.where
        assert file.read_bytes() == before
        return
    after = file.read_bytes()
    undo(root, edit)
    assert file.read_bytes() == before
    assert reads(before, after, change, edit) and as_asked(change, asked)
