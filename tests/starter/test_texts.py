"""The files that a repository starts with are of the form that the rooms read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import cases
from harness.discover import Keys
from harness.goals import document, words
from harness.starter import Wishes, texts
from harness.starter.aims import Aims, aims
from harness.starter.material import Found
from harness.types import Discovery, Measure, ModelUse, Settings
from tests import makers

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


HOSTILE = "a --> b\n- **Cost**: $1\n## Evaluation Methods <x>"


@given(text=st.sampled_from([HOSTILE, "-->", "-- ->", "--" * 9]) | st.text(max_size=40))
def test_nothing_that_was_found_gets_out_of_the_remarks(text: str) -> None:
    """Labels and model names come from a stranger's files and stand in a comment of the goals file."""
    for metric, name in (("Accuracy", "Accuracy"), ("JSON fields", "JSON fields"), ("Contains", "Contains")):
        found = Aims(metric, "labels", text, (text,))
        told = document.read(texts.goals("app", "evals/cases.jsonl", Wishes(), found))
        assert [(target.name, target.text) for target in told.targets] == [(name, "90% or higher")]
        assert [objective.name for objective in told.objectives] == [name]
        assert tomllib.loads(texts.settings("a.py:g", (), (text,))) == {"graph": "a.py:g"}


@pytest.mark.parametrize(
    ("examples", "keys", "metric", "kind"),
    [
        ([Found("x", "f:1", {"intent": label}) for label in "ab" * 6], Keys(), "Accuracy", "labels"),
        ([Found("x", "f:1", {"info": {"a": 1}})], Keys(), "JSON fields", "fields"),
        ([Found("x", "f:1", {"answer": "It is late because of the snow."})], Keys(), "ROUGE", "sentences"),
        ([Found("x", "f:1", {"answer": "42"})], Keys(), "Accuracy", "short"),
        ([Found("x", "f:1", holds=("late",))], Keys(), "Contains", "text"),
        ([], Keys({}, {"kind": "Literal['a']"}, {"messages": "messages"}), "Accuracy", "labels"),
        ([], Keys({}, {}, {"messages": "messages"}), "Contains", "text"),
        ([], Keys({}, {"summary": "str"}, {"summary": "str"}), "Accuracy", "unknown"),
    ],
)
def test_the_goal_on_the_answers_fits_what_they_are(examples: list[Found], keys: Keys, metric: str, kind: str) -> None:
    found = aims(examples, keys, None, Settings())
    assert (found.metric, found.kind) == (metric, kind)
    assert found.why


def test_sentences_are_compared_with_the_app_as_found() -> None:
    told = document.read(texts.goals("a", "c", Wishes(), Aims("ROUGE", "sentences", "sentences")))
    assert words.parse(told.targets[0].text, "rouge", Measure("higher", "")).relative == 0.1


def test_a_cost_goal_stands_where_every_paid_model_has_a_price() -> None:
    uses = (ModelUse("openai", "gpt-x", {}, "n.py:3"), ModelUse("ollama", "llama", {}, "n.py:4"))
    found = Discovery("a.py:g", (makers.node(models=uses),), ())
    unpriced = aims([], Keys(), found, Settings())
    assert (unpriced.paid, unpriced.priced) == (("openai:gpt-x",), False)
    assert "Cost" not in [goal.name for goal in document.read(texts.goals("a", "c", Wishes(), unpriced)).objectives]
    priced = aims([], Keys(), found, Settings(prices={"gpt-x": (1.0, 2.0)}))
    wanted = words.parse("10% less", "cost", Measure("lower", "USD"))
    assert priced.priced
    assert wanted.relative == -0.1
    assert "Cost" in [goal.name for goal in document.read(texts.goals("a", "c", Wishes(), priced)).objectives]
