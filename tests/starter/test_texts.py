"""The files that a repository starts with are of the form that the rooms read."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness import cases
from harness.discover import Keys
from harness.goals import document
from harness.starter import Wishes, texts

AMOUNTS = st.floats(1e-7, 1e7)


@given(accuracy=st.floats(1e-3, 100), seconds=st.none() | AMOUNTS, usd=st.none() | AMOUNTS)
def test_goals_say_the_numbers_that_were_wished_for(accuracy: float, seconds: float | None, usd: float | None) -> None:
    told = document.read(texts.goals("app", "evals/cases.jsonl", Wishes(accuracy, seconds, usd)))
    wished = {"Accuracy": accuracy, "Latency": seconds, "Cost": usd}
    said = {target.name: float(re.sub(r"[^\d.]", "", target.text)) for target in told.targets}
    assert said == {name: value for name, value in wished.items() if value is not None}
    assert [objective.name for objective in told.objectives] == list(said)
    assert told.cases is not None
    assert told.cases.text == "evals/cases.jsonl"


def test_examples_are_cases_with_values_of_the_right_types(tmp_path: Path) -> None:
    kinds = {
        "text": "str",
        "count": "int",
        "share": "float | None",
        "tags": "list[str]",
        "loud": "bool",
        "chat": "messages",
    }
    found = Keys(kinds, {"label": "Literal['a', 'b']", "other": "str"})
    for name, as_lines in (("cases.jsonl", True), ("cases.json", False)):
        (tmp_path / name).write_text(texts.cases(found, as_lines=as_lines), "utf-8")
        rows = cases.load(tmp_path / name)
        assert [case.expected for case in rows] == [{"expected_label": label} for label in ("a", "b", "a")]
        assert len({case.inputs["text"] for case in rows}) == 3
        types = [type(value) for value in rows[0].inputs.values()]
        assert types == [str, int, float, list, bool]


def test_examples_of_an_unknown_graph_are_texts(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text(texts.cases(Keys(), as_lines=True), "utf-8")
    rows = cases.load(tmp_path / "cases.jsonl")
    assert all(list(case.inputs) == ["input"] and "expected_answer" in case.expected for case in rows)
