"""No dead copy of a prompt is ever edited: each trap is run by the real worker, edited, and run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app import AppOptions
from harness.changes import apply, bind
from harness.discover import confirm, discover
from harness.loop.effect import took_effect
from harness.types import Case, Change, Discovery, Job, Prompt, Proposal, Run
from tests.app.helpers import sharing
from tests.traps.corpus import LIVE, TRAPS, Trap


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def recorded(root: Path) -> Run:
    """One run of the app as it stands below ``root``."""
    app = sharing("app.py:graph", AppOptions()).open(root, root.name)
    try:
        (run,) = app.run([Job(Case("c1", {"ticket": "My card"}, {}), k=0, seed=1)], lambda _, __: None)
    finally:
        app.close()
    assert run.fault is None, run.fault
    return run


def proved(root: Path) -> tuple[Discovery, list[Prompt]]:
    """What is found below ``root``, and what of it a recorded run makes editable."""
    found = confirm(discover(root, "app.py:graph"), recorded(root).calls)
    return found, [p for p in found.prompts if p.proof == "proved"]


def edits(root: Path, found: Discovery, prompts: list[Prompt]) -> list[Change]:
    """A sentence of its own behind each prompt, written into the tree, the last of a file first."""
    done = []
    for number, prompt in enumerate(sorted(prompts, key=lambda p: (p.span.file, -p.span.start))):
        node = next(n for n in found.nodes if n.name in prompt.nodes)
        parts = (*prompt.parts, f" Sentence number {number} is new.")
        change = bind(Proposal("test", parts, "why"), prompt, node, id="c01", proposer="test")
        apply(root, change)
        done.append(change)
    return done


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_only_the_live_copy_is_proved_and_its_edit_is_seen(tmp_path: Path, trap: Trap) -> None:
    root = written(tmp_path, trap.sources())
    found, editable = proved(root)
    assert {p.id for p in editable} == set(trap.live), [(p.id, p.proof, p.reason) for p in found.prompts]
    changes = edits(root, found, editable)
    run = recorded(root)
    assert all(took_effect(change, [run]) for change in changes)


@pytest.mark.parametrize("name", TRAPS)
def test_of_copies_of_the_same_text_none_is_proved_that_no_call_shows_edited(tmp_path: Path, name: str) -> None:
    root = written(tmp_path, TRAPS[name].sources(dead=LIVE))
    found, editable = proved(root)
    changes = edits(root, found, editable)
    runs = [recorded(root)] if changes else []
    assert [change.prompt for change in changes if not took_effect(change, runs)] == []


@pytest.mark.parametrize("name", TRAPS)
def test_of_two_copies_that_cannot_be_told_apart_an_edit_tells_the_live_one(tmp_path: Path, name: str) -> None:
    root = written(tmp_path, TRAPS[name].sources(dead=LIVE))
    found, _ = proved(root)
    editable = [p for p in found.prompts if p.is_editable]
    seen = [p for p in editable if p.seen]
    assert all(p.proof == "likely" and p.reason.startswith("the same text stands at ") for p in seen)
    changes = edits(root, found, editable)
    run = recorded(root)
    assert {change.prompt for change in changes if took_effect(change, [run])} == set(TRAPS[name].live)
