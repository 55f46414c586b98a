"""Cases against the keys of a started app."""

from __future__ import annotations

import pytest

from harness.check import misfits
from harness.types import Facts
from tests import makers


def facts(takes: str = "text intent reply", holds: str = "text intent reply", text_key: str | None = None) -> Facts:
    return Facts(("classify",), tuple(takes.split()), tuple(holds.split()), text_key, False, "", False)


def test_cases_that_fit_are_no_finding():
    tested = [
        makers.case("c1", {"text": "Where?"}, expected_intent="shipping", expected_answer="soon"),
        makers.case("c2", {"text": "Where?", "note": "kept"}, expected_answer_semantic="friendly"),
    ]
    assert misfits(facts(), tested, {}, "cases.jsonl") == []
    assert misfits(facts("", ""), [makers.case("c3", {"anything": 1}, expected_x=1)], {}, "cases.jsonl") == []


@pytest.mark.parametrize(
    ("found", "inputs", "expected", "says", "fix"),
    [
        (facts(), {"input": "Where?"}, {}, "takes several keys: text, intent, reply", '"input": {"text": "..."}'),
        (facts(), {"txt": "Where?"}, {}, "has txt; the graph takes text", "did you mean 'text'"),
        (facts(), {"text": "a"}, {"expected_intnet": "x"}, "'intnet', which the final state", "did you mean 'intent'"),
    ],
)
def test_what_every_run_would_trip_over_is_said_once_with_its_line(found, inputs, expected, says, fix):
    tested = [makers.case(f"c{line}", inputs, **expected) for line in range(3)]
    (error,) = misfits(found, tested, {}, "cases.jsonl")
    assert says in error.message
    assert fix in error.fix
    assert error.where.startswith("cases.jsonl")


def test_a_bare_text_goes_to_the_only_text_key_and_a_path_says_where_a_value_stands():
    tested = [makers.case("c1", {"input": "Where?"}, expected_label="x")]
    assert misfits(facts(text_key="text"), tested, {"expected_label": "reply.label"}, "cases.jsonl") == []
    (error,) = misfits(facts(text_key="text"), tested, {"expected_label": "replies.0"}, "cases.jsonl")
    assert "'replies'" in error.message
