"""Lessons from a repository's cases: dev only. What judges is never learnt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import cases
from harness.errors import HarnessError, UserError
from harness.lessons import of_cases


def case(number: int, **more: object) -> dict[str, object]:
    answer = ("billing", "refund")[number % 2]
    return {"id": f"c{number}", "input": {"ticket": f"ticket {number}"}, "expected_intent": answer, **more}


def write(path: Path, rows: Iterator[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_no_case_of_the_holdout_enters(tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", (case(n, cluster=f"k{n // 3}") for n in range(150)))
    split = cases.split(cases.load(path))
    assert split.two_stage
    told = of_cases(tmp_path, path)
    asked = {one.messages[0]["content"] for one in told.examples}
    assert asked == {str(one.inputs["ticket"]) for one in split.dev}
    assert not asked & {str(one.inputs["ticket"]) for one in split.holdout}
    assert {one.group for one in told.examples} == {one.cluster for one in split.dev}
    assert told.notes == ()


def test_one_stage_says_what_can_no_longer_be_claimed(tmp_path: Path) -> None:
    told = of_cases(tmp_path, write(tmp_path / "cases.jsonl", (case(n) for n in range(20))))
    assert len(told.examples) == 20
    assert "nothing can be claimed" in told.notes[0]


def test_the_file_that_is_the_holdout_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "sealed.jsonl", (case(n) for n in range(100)))
    (tmp_path / "harness.toml").write_text('holdout = "sealed.jsonl"\n', "utf-8")
    with pytest.raises(UserError, match="this file is the sealed holdout"):
        of_cases(tmp_path, path)


def test_the_field_is_said_where_there_are_two(tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", (case(n, expected_answer=f"a{n}") for n in range(20)))
    with pytest.raises(UserError, match="--field expected_answer or expected_intent"):
        of_cases(tmp_path, path)
    told = of_cases(tmp_path, path, "expected_answer", "Be brief.")
    assert [one["role"] for one in told.examples[0].messages] == ["system", "user", "assistant"]
    assert told.examples[3].answer == "a3"


def test_an_unknown_field_and_too_few_cases_are_errors(tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", (case(n) for n in range(8)))
    for field in ("expected_nothing", ""):
        with pytest.raises(HarnessError):
            of_cases(tmp_path, path, field)
