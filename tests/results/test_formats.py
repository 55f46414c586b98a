"""Every format yields the same scores, is told by what it holds, and says which row it cannot read."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import results
from harness.errors import HarnessError
from tests.results.files import PROVIDERS, WRITERS, inspect_eval, inspect_json, langsmith_page, plain, promptfoo

SCORES = [[1.0, 0.0], [0.0, 0.0], [0.5, 1.0]]
EVERY = pytest.mark.parametrize("form", list(WRITERS))


@EVERY
def test_scores_are_read_by_case_and_run_whatever_the_file_is_called(form: str, tmp_path: Path) -> None:
    write, metric, _ = WRITERS[form]
    write(tmp_path / "export.bin", SCORES)
    side = results.side(tmp_path, "export.bin")
    marks = side.marks[metric]
    by_case: dict[str, list[float | None]] = {}
    for score in sorted(marks.scores, key=lambda score: score.k):
        by_case.setdefault(score.case, []).append(score.value)
    assert list(by_case.values()) == SCORES
    assert (marks.direction, marks.unit) == ("higher", "")
    assert side.deciding == by_case.keys()
    assert not side.sealed
    if "latency" in side.marks:
        seconds = side.marks["latency"]
        assert ({score.value for score in seconds.scores}, seconds.unit, seconds.direction) == ({1.2}, "s", "lower")


@EVERY
@pytest.mark.parametrize("value", [math.inf, math.nan, "excellent"])
def test_what_is_no_finite_number_is_refused_with_its_row(form: str, value: object, tmp_path: Path) -> None:
    write, metric, change = WRITERS[form]
    write(tmp_path / "a", SCORES, r3=change(value))
    if form.startswith("inspect") and value != "excellent" and math.isnan(value):  # type: ignore[arg-type]
        scores = results.side(tmp_path, "a").marks[metric].scores
        assert [(s.case, s.k, s.reason) for s in scores if s.value is None] == [("2", 1, "marked as unscored")]
        return
    with pytest.raises(HarnessError) as refused:
        results.side(tmp_path, "a")
    said = str(refused.value)
    place = {"inspect eval": "2_epoch_2", "plain": "line 5", "langsmith page": "line 5", "langsmith frame": "line 5"}
    assert place.get(form, "[3]") in said
    assert str(value) in said


def test_a_file_of_several_variants_wants_one_named(tmp_path: Path) -> None:
    promptfoo(tmp_path / "a.json", SCORES, PROVIDERS)
    with pytest.raises(HarnessError, match="2 variants are in this file"):
        results.side(tmp_path, "a.json")
    for name in ("gpt-4o-mini", "#1".strip("#"), PROVIDERS[0]):
        assert results.side(tmp_path, f"a.json#{name}").marks["score"].scores[0].value == 1.0
    assert {s.value for s in results.side(tmp_path, f"a.json#{PROVIDERS[1]}").marks["score"].scores} == {1.0}
    with pytest.raises(HarnessError, match="no variant 'claude'"):
        results.side(tmp_path, "a.json#claude")


def test_a_test_that_failed_for_its_provider_is_unscored_and_not_zero(tmp_path: Path) -> None:
    failed = {"failureReason": 2, "error": "429 too many requests", "score": 0, "success": False}
    promptfoo(tmp_path / "a.json", SCORES, r2=failed)
    scores = results.side(tmp_path, "a.json").marks["pass"].scores
    assert [(s.value, s.reason) for s in scores][2] == (None, "429 too many requests")


def test_other_assertions_and_other_task_versions_are_told_apart(tmp_path: Path) -> None:
    promptfoo(tmp_path / "a.json", SCORES)
    other = {"testCase": {"vars": {"q": "Question 0?"}, "assert": [{"type": "contains", "value": "4"}]}}
    promptfoo(tmp_path / "b.json", SCORES, r0=other, r1=other)
    old, new = (results.side(tmp_path, name) for name in ("a.json", "b.json"))
    assert old.deciding == new.deciding
    assert [case for case in old.contents if old.contents[case] != new.contents[case]] == ['{"q": "Question 0?"}']
    versions = [
        results.side(tmp_path, inspect_json(tmp_path / "l.json", SCORES, v).name).marks["match"] for v in (0, 1)
    ]
    assert [marks.version for marks in versions] == ["quiz version 0", "quiz version 1"]


def test_an_unfinished_log_is_read_with_a_note_and_parts_of_a_score_are_metrics(tmp_path: Path) -> None:
    path = inspect_eval(tmp_path / "l.eval", SCORES)
    side = results.side(tmp_path, path.name)
    assert set(side.marks) == {"match", "judge/tone", "judge/form", "latency", "tokens"}
    assert side.notes == ()
    text = inspect_json(tmp_path / "l.json", SCORES).read_text("utf-8")
    (tmp_path / "l.json").write_text(text.replace('"success"', '"cancelled"'), "utf-8")
    assert results.side(tmp_path, "l.json").notes == ("the evaluation in l.json ended as 'cancelled'",)


def test_feedback_in_words_is_left_out_with_a_note(tmp_path: Path) -> None:
    langsmith_page(tmp_path / "a.csv", SCORES, r0={"correctness": ""})
    side = results.side(tmp_path, "a.csv")
    assert set(side.marks) == {"correctness", "latency"}
    assert side.notes == ("columns of a.csv without a number: remark",)
    assert side.marks["correctness"].scores[0].value is None


def test_a_plain_table_may_hold_metrics_and_variants(tmp_path: Path) -> None:
    text = "case,run,metric,variant,score\na,1,errors,old,3\na,2,errors,old,\na,1,errors,new,1\n"
    (tmp_path / "t.csv").write_text(text, "utf-8")
    marks = results.side(tmp_path, "t.csv#old", ["errors"]).marks["errors"]
    assert [(s.k, s.value) for s in marks.scores] == [(0, 3.0), (1, None)]
    assert (marks.direction, marks.unit) == ("lower", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "this file is empty"),
        ("# A report\n\nwith words", "of no format that is known here"),
        ('{"results": []}', "of no format that is known here"),
        ("case,score\n,1\n", "line 2: a row without a case"),
        ("case,run,score\na,first,1\n", "line 2: run 'first' is no number"),
        ("case,run,score\na,1,1\na,1,0\n", "line 3 (score of a, run 0, stands at line 2 already)"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(text, "utf-8")
    with pytest.raises(HarnessError) as refused:
        results.side(tmp_path, "a")
    assert words in str(refused.value)


@given(st.binary(max_size=400))
def test_no_file_at_all_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "any").write_bytes(raw)
    with pytest.raises(HarnessError):
        results.side(folder, "any")


@given(st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=2), min_size=1, max_size=5))
def test_a_table_keeps_every_digit(tmp_path_factory: pytest.TempPathFactory, scores: list[list[float]]) -> None:
    folder = tmp_path_factory.getbasetemp()
    plain(folder / "t.csv", scores)
    found = results.side(folder, "t.csv").marks["score"].scores
    assert [score.value for score in found] == [value for runs in scores for value in runs]
