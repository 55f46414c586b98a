"""What evaluation scripts and test runners write: one pass over the cases, every row with its place in messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import results
from harness.errors import HarnessError

GOOD = {"case_id": "a", "correct": True, "latency": 0.5, "cost": 0.01, "tone": 4, "answer": "billing"}


def written(path: Path, rows: Any) -> Path:
    path.write_text(json.dumps({"total_cases": 1, "case_results": rows}), "utf-8")
    return path


def test_a_row_gives_accuracy_costs_and_every_other_number(tmp_path: Path) -> None:
    written(tmp_path / "r.json", [GOOD, {"case_id": 7, "correct": 0.5}, {"case_id": "c", "correct": None}])
    side = results.side(tmp_path, "r.json")
    values = {name: {s.case: s.value for s in marks.scores} for name, marks in side.marks.items()}
    assert values == {
        "accuracy": {"a": 1.0, "7": 0.5, "c": None},
        "latency": {"a": 0.5},
        "cost": {"a": 0.01},
        "tone": {"a": 4.0},
    }
    assert side.marks["latency"].direction == "lower"
    assert results.contents(tmp_path / "r.json", "r.json").told["a"] == {"answer": "billing"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("right", "case_results[1]: a row is an object, not 'right'"),
        ({"correct": True}, "case_results[1]: case_id is missing"),
        ({"case_id": ["b"], "correct": True}, "case_results[1]: case_id is ['b']"),
        ({"case_id": "b", "correct": "yes"}, "correct of case 'b' is 'yes'"),
        ({"case_id": "b", "correct": 2}, "correct of case 'b' is 2"),
        ({"case_id": "b", "correct": float("nan")}, "case_results[1] (accuracy of b is nan)"),
        ({"case_id": "b", "correct": 1, "tone": float("inf")}, "case_results[1] (tone of b is inf)"),
        ({"case_id": "b", "correct": 1, "latency": "fast"}, "latency of case 'b' is 'fast'"),
        ({"case_id": "b", "correct": 1, "cost": -1}, "cost of case 'b' is -1"),
        ({"case_id": "a", "correct": 1}, "case_results[1] (accuracy of a, run 0, stands at case_results[0] already)"),
    ],
)
def test_a_row_that_cannot_be_is_named_with_its_fix(row: Any, words: str, tmp_path: Path) -> None:
    written(tmp_path / "r.json", [GOOD, row])
    with pytest.raises(HarnessError) as refused:
        results.contents(tmp_path / "r.json", "run_1.json")
    assert words in str(refused.value)
    assert str(refused.value).startswith("run_1.json")
    assert "fix:" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", "", "is empty"),
        ('{"case_results": [', "", "is not JSON: Expecting value: line 1 column 19"),
        ('{"case_results": []}', "json", "there is no result in this file"),
        ('{"rows": []}', "json", "is no evaluation JSON"),
        ("<testsuites><testsuite/></testsuites>", "", "there is no result in this file"),
        ("<testsuites><testcase/>", "junit", "is no JUnit XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="a"/></testsuite>', "", "no format"),
        ('<testsuite><testcase time="1"/></testsuite>', "", "testcase[0]: a testcase without a name"),
        ('<testsuite><testcase name="a"/><testcase name="a"/></testsuite>', "", "'a' stands at testcase[0] already"),
        ('<testsuite><testcase name="a" time="soon"/></testsuite>', "", "latency of case 'a' is 'soon'"),
    ],
)
def test_a_file_that_cannot_be_is_said(text: str, kind: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "f").write_text(text, "utf-8")
    with pytest.raises(HarnessError) as refused:
        results.contents(tmp_path / "f", "f", kind=kind)
    assert words in str(refused.value)


def test_tests_are_cases(tmp_path: Path) -> None:
    (tmp_path / "j.xml").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite name="pytest">'
        '<testcase classname="tests.test_a" name="test_one[x]" time="0.25"><properties>'
        '<property name="tone" value="3"/><property name="answer" value="billing"/></properties></testcase>'
        '<testcase classname="tests.test_a" name="test_two" time="0.1"><failure message="assert">E</failure></testcase>'
        '<testcase classname="tests.test_a" name="test_three"><skipped message="no key"/></testcase>'
        '<testcase classname="tests.test_a" name="test_four" time="0"><error message="fixture broke"/></testcase>'
        '<testcase classname="tests.test_a" name="test_five" time="0.3"/>'
        '<testcase classname="tests.test_a" name="test_five"><error message="clean-up broke"/></testcase>'
        "</testsuite></testsuites>",
        "utf-8",
    )
    found = results.contents(tmp_path / "j.xml", "j.xml")
    right = {
        row.case.removeprefix("tests.test_a::"): (row.value, row.reason)
        for row in found.rows
        if row.metric == "accuracy"
    }
    assert right == {
        "test_one[x]": (1.0, ""),
        "test_two": (0.0, ""),
        "test_three": (None, "skipped: no key"),
        "test_four": (0.0, ""),
        "test_five": (0.0, ""),
    }
    assert {(row.metric, row.value) for row in found.rows if row.case.endswith("[x]")} >= {
        ("latency", 0.25),
        ("tone", 3.0),
    }
    assert found.told["tests.test_a::test_one[x]"] == {"answer": "billing"}
    assert found.told["tests.test_a::test_four"] == {"error": "fixture broke"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["case_id", "correct", "cost", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.lists(_JSON, max_size=4))
def test_rows_are_finite_and_of_one_case_each_or_refused_with_their_place(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any]
) -> None:
    path = written(tmp_path_factory.getbasetemp() / "any.json", rows)
    try:
        found = results.contents(path, "any.json")
    except HarnessError as refused:
        assert str(refused).startswith("any.json")
        return
    assert len({(row.case, row.metric) for row in found.rows}) == len(found.rows)
    assert all(row.value is None or abs(row.value) < float("inf") for row in found.rows)
