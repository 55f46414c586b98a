"""What a recorded run proved is told of the same content only, and its contradictions win."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from harness import seen
from harness.journal import Journal, Notes
from harness.types import Discovery
from tests import makers

STATIC = Discovery(
    "app.py:graph",
    (makers.node("sort", prompts=("a.py:A", "a.py:B")), makers.node("tell", is_llm=False, why="makes no model call")),
    (
        makers.prompt("Sort.", id="a.py:A", proof="likely", nodes=("sort",)),
        makers.prompt("Not sent.", id="a.py:B", proof="likely", nodes=("sort",)),
    ),
    digest="one",
)
RECORDED = replace(
    STATIC,
    nodes=(STATIC.nodes[0], replace(STATIC.nodes[1], is_llm=True, why="called a model in the recorded run")),
    prompts=(
        replace(STATIC.prompts[0], proof="proved", nodes=("sort", "tell")),
        replace(STATIC.prompts[1], proof="unresolved", reason="did not reach the model in the recorded run"),
    ),
    notes=("a note of the run",),
)


def home(tmp_path: Path, run: str, known: Discovery, generation: int = 0) -> Path:
    with closing(Journal(tmp_path / "state.sqlite", run)) as record:
        Notes(record).put("proved", str(generation), known)
    return tmp_path


def test_without_a_run_nothing_is_said(tmp_path: Path) -> None:
    assert seen.recall(tmp_path, STATIC) == seen.recall(None, STATIC) == seen.Proven(STATIC)


def test_the_same_content_is_shown_as_the_run_confirmed_it(tmp_path: Path) -> None:
    told = seen.recall(home(tmp_path, "r1", RECORDED), STATIC)
    assert told == seen.Proven(RECORDED, "r1", same=True)


def test_other_content_is_never_proved(tmp_path: Path) -> None:
    told = seen.recall(home(tmp_path, "r1", RECORDED), replace(STATIC, digest="two"))
    assert [p.proof for p in told.found.prompts] == ["likely", "likely"]
    assert told.found.prompts[0].reason == "proved in run r1, whose files were others"
    assert "did not reach the model" in told.found.prompts[1].reason
    assert (told.run, told.same) == ("r1", False)


def test_a_record_without_a_digest_proves_nothing(tmp_path: Path) -> None:
    old = replace(RECORDED, digest="")
    assert not seen.recall(home(tmp_path, "r1", old), replace(STATIC, digest="")).same


def test_an_older_run_of_the_same_content_is_found_behind_a_newer_one(tmp_path: Path) -> None:
    home(tmp_path, "r1", RECORDED)
    home(tmp_path, "r1", replace(RECORDED, digest="kept"), generation=1)
    home(tmp_path, "r2", replace(RECORDED, digest="else"))
    assert (seen.recall(tmp_path, STATIC).run, seen.recall(tmp_path, STATIC).same) == ("r1", True)
    assert seen.recall(tmp_path, replace(STATIC, digest="kept")).same


def test_a_text_that_changed_keeps_its_own_standing(tmp_path: Path) -> None:
    changed = replace(STATIC, prompts=(replace(STATIC.prompts[0], parts=("Other words.",)), STATIC.prompts[1]))
    told = seen.recall(home(tmp_path, "r1", RECORDED), changed)
    assert told.found.prompts[0].proof == "likely"


def test_a_record_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"no database" * 100)
    told = seen.recall(tmp_path, STATIC)
    assert told.found.prompts == STATIC.prompts
    assert told.found.notes[0].startswith("what runs recorded here cannot be read: ")
