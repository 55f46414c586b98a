"""Every way to write a prompt is found, proved, changed where it stands, seen by the model, and put back."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.changes import Refused, apply, bind, undo
from harness.discover import confirm, discover
from harness.types import Discovery, Json, Prompt, Proposal, Variable
from tests import makers
from tests.discover.forms import FORMS, HEAD, MODEL, STATE, TAIL, Form

ADDED = [
    " Mind {braces}, \"quotes\" and 'more' – 100 % \\ so.",
    "\nOne more: {a}\n\n  two \\n lines # no comment: yes",
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder from which apps can be imported again and again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    forget(tmp_path)


def forget(root: Path) -> None:
    """Drop what was imported from below ``root``."""
    importlib.invalidate_caches()
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__path__", ())
        places = [getattr(module, "__file__", None), *(path if isinstance(path, Iterable) else ())]  # torch's are none
        if any(place and Path(place).is_relative_to(root) for place in places):
            del sys.modules[name]


def written(root: Path, form: Form, newline: str = "\n") -> dict[str, bytes]:
    """The files of the app, written with these line endings."""
    files = {"echo.py": MODEL, "app.py": f"{HEAD}{form.body}\n{TAIL}", **form.files}
    raw = {name: text.replace("\n", newline).encode() for name, text in files.items()}
    for name, content in raw.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return raw


def read(root: Path, raw: dict[str, bytes]) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in raw}


def run(root: Path) -> list[dict[str, Json]]:
    """Import the app afresh and run its node; the messages that reached the model."""
    forget(root)
    app: Any = importlib.import_module("app")
    app.work(STATE)
    return list(sys.modules["echo"].SENT)


def proved(root: Path, sent: list[dict[str, Json]]) -> Discovery:
    return confirm(discover(root, "app.py:graph"), [makers.call("work", messages=tuple(sent))])


def prompt_of(root: Path, form: Form, sent: list[dict[str, Json]]) -> Prompt:
    found = proved(root, sent)
    prompts = {p.id: p for p in found.prompts}
    assert form.id in prompts, [(p.id, p.reason) for p in found.prompts]
    return prompts[form.id]


def text_of_message(message: dict[str, Json]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else str(content[0]["text"])


TEXT = st.text(
    alphabet=st.one_of(st.sampled_from("{}\"'\\\n\r\t #$%ab:-|>"), st.characters(exclude_categories=["Cs"])),
    max_size=30,
)


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], tuple[Path, Prompt]]:
    """Every form on disk with either line ending, and its prompt."""
    found = {}
    for number, (name, form) in enumerate(FORMS.items()):
        for newline in ("\n", "\r\n"):
            root = tmp_path_factory.mktemp(f"form{number}")
            written(root, form, newline)
            prompt = next(p for p in discover(root, "app.py:graph").prompts if p.id == form.id)
            found[name, newline] = root, replace(prompt, proof="proved")
    return found


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(FORMS)),
    newline=st.sampled_from(["\n", "\r\n"]),
    texts=st.lists(TEXT, min_size=7, max_size=7),
    fresh=st.booleans(),
)
def test_any_text_is_written_exactly_or_refused_in_words(
    apps: Mapping[tuple[str, str], tuple[Path, Prompt]], name: str, newline: str, texts: list[str], fresh: bool
) -> None:
    root, prompt = apps[name, newline]
    kept = [part if isinstance(part, Variable) or not fresh else "Words of mine" for part in prompt.parts]
    parts = [piece for part, text in zip(kept, texts, strict=False) for piece in (part, text)]
    raw = read(root, {"echo.py": b"", "app.py": b"", **dict.fromkeys(FORMS[name].files, b"")})
    try:
        change = bind(Proposal("test", tuple(parts), "why"), prompt, makers.node("work"), id="c01", proposer="test")
        edit = apply(root, change)
    except Refused as refusal:
        assert len(refusal.message) > 20 and refusal.where.startswith(f"{prompt.span.file}:")
        assert read(root, raw) == raw
        return
    after, span = read(root, raw), change.span
    again = {p.id: p.parts for p in discover(root, "app.py:graph").prompts}
    undo(root, edit)
    assert read(root, raw) == raw
    assert again.get(prompt.id) == change.new or not any(str(p).strip() for p in change.new if isinstance(p, str))
    assert {**after, span.file: b""} == {**raw, span.file: b""}
    assert after[span.file][: span.start] == raw[span.file][: span.start]
    assert after[span.file][span.start + len(edit.after) :] == raw[span.file][span.end :]


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_form_is_found_proved_changed_and_put_back(root: Path, form: Form, newline: str) -> None:
    raw = written(root, form, newline)
    before = run(root)
    prompt = prompt_of(root, form, before)
    assert (prompt.proof, prompt.reason) == ("proved", "")
    seen = (prompt.kind, prompt.role, prompt.template, tuple(p.source for p in prompt.parts if not isinstance(p, str)))
    assert seen == (form.kind, form.role, form.template, form.variables)
    for added in ADDED:
        change = bind(
            Proposal("test", (*prompt.parts, added), "why"), prompt, makers.node("work"), id="c01", proposer="test"
        )
        edit = apply(root, change)
        after = read(root, raw)
        span, file = change.span, change.span.file
        assert {k: v for k, v in after.items() if k != file} == {k: v for k, v in raw.items() if k != file}
        assert after[file][: span.start] == raw[file][: span.start]
        assert after[file].endswith(raw[file][span.end :])
        sent = run(root)
        assert prompt_of(root, form, sent).parts == change.new
        texts = [(text_of_message(a), text_of_message(b)) for a, b in zip(before, sent, strict=True) if a != b]
        assert [shown(old, new, added) for old, new in texts] == [True]
        undo(root, edit)
        assert read(root, raw) == raw


def shown(old: str, new: str, added: str) -> bool:
    """Whether ``new`` is ``old`` with the text ``added`` in one place; a last line ending may move or be stripped."""
    return added.strip() in new and new.replace(added.strip(), "", 1).split() == old.split()
