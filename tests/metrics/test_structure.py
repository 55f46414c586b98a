"""JSON schemas and tool calls: what an output must be, whatever it says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics import json_schema, tool_calls
from harness.types import Run
from tests import makers
from tests.conformance.metric import MetricSuite

SCHEMA = {"type": "object", "required": ["days"], "properties": {"days": {"type": "integer", "minimum": 0}}}
SEARCH, MAIL = {"name": "search", "args": {"query": "parcel"}}, {"name": "mail", "args": {"to": "ada"}}


class TestJsonSchemaConforms(MetricSuite):
    metric = json_schema
    options = {"schema": SCHEMA}  # noqa: RUF012


class TestToolCallsConform(MetricSuite):
    metric = tool_calls


@pytest.mark.parametrize(
    ("output", "options", "value"),
    [
        ({"answer": '{"days": 3}'}, {}, 1.0),
        ({"answer": '{"days": -1}'}, {}, 0.0),
        ({"answer": "3 days"}, {}, 0.0),
        ({"plan": {"days": 3}, "note": "x", "title": "y"}, {"path": "plan"}, 1.0),
        ({"note": "x"}, {"path": "plan"}, 0.0),
        ({"days": 3, "found": True}, {}, 1.0),
        ({"answer": '{"days": 3}'}, {"schema": json.dumps(SCHEMA)}, 1.0),
    ],
)
def test_what_a_schema_says(output: Any, options: dict[str, Any], value: float) -> None:
    assert json_schema.score(makers.case(), makers.run(output), {"schema": SCHEMA, **options}) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [("no json", "as a table or as JSON text"), ({"type": "obj"}, "at type"), ([1], "as a table"), (SCHEMA, "")],
)
def test_a_schema_that_is_none_is_told_before_a_run(value: Any, words: str) -> None:
    said = json_schema.OPTIONS["schema"](value)
    assert words in said
    assert bool(said) == bool(words)


def test_a_reference_to_another_document_is_not_fetched() -> None:
    said = json_schema.score(
        makers.case(), makers.run({"answer": "{}"}), {"schema": {"$ref": "http://127.0.0.1:9/schema.json"}}
    )
    assert said == "the schema refers to what it does not hold: http://127.0.0.1:9/schema.json"


def asking(*calls: dict[str, Any], node: str = "agent") -> Run:
    """A run whose models asked for these tools, one a reply."""
    replies = [{"generations": [{"message": {"data": {"tool_calls": [call]}}}]} for call in calls]
    return makers.run({}, *(makers.call(node=node, response=reply) for reply in replies))


def scored(expected: Sequence[dict[str, Any]], run: Run, **options: Any) -> float | str:
    return tool_calls.score(makers.case(expected_tool_calls=list(expected)), run, options)


@pytest.mark.parametrize(
    ("expected", "asked", "fitting"),
    [
        ([SEARCH, MAIL], [SEARCH, MAIL], {"strict", "unordered", "subset", "superset"}),
        ([SEARCH, MAIL], [MAIL, SEARCH], {"unordered", "subset", "superset"}),
        ([SEARCH, MAIL], [SEARCH], {"subset"}),
        ([SEARCH], [SEARCH, MAIL], {"superset"}),
        ([], [], {"strict", "unordered", "subset", "superset"}),
        ([], [MAIL], {"superset"}),
        ([SEARCH], [SEARCH, SEARCH], {"superset"}),
        ([SEARCH], [{**SEARCH, "args": {"query": "refund"}}], set()),
        ([{"name": "search"}], [SEARCH], {"strict", "unordered", "subset", "superset"}),
    ],
)
def test_modes_of_tool_calls(expected: Any, asked: Any, fitting: set[str]) -> None:
    for mode in ("strict", "unordered", "subset", "superset"):
        assert scored(expected, asking(*asked), mode=mode) == float(mode in fitting), mode


def test_calls_of_one_reply_are_made_at_once_and_have_no_order() -> None:
    def at_once(*calls: Any) -> Any:
        message = {"data": {"tool_calls": list(calls)}}
        return makers.call("agent", response={"generations": [{"message": message}]})

    both = makers.run({}, at_once(MAIL, SEARCH))
    assert scored([SEARCH, MAIL], both, mode="strict") == 1.0
    assert scored([SEARCH, MAIL, MAIL], makers.run({}, at_once(MAIL, SEARCH), at_once(MAIL)), mode="strict") == 1.0
    assert scored([MAIL, SEARCH, MAIL], makers.run({}, at_once(MAIL), at_once(MAIL, SEARCH)), mode="strict") == 1.0
    assert scored([SEARCH, MAIL, MAIL], makers.run({}, at_once(MAIL), at_once(MAIL, SEARCH)), mode="strict") == 0.0


def test_names_only_and_nodes() -> None:
    other = {**SEARCH, "args": {"query": "refund"}}
    assert scored([SEARCH], asking(other), names_only=True) == 1.0
    assert scored([SEARCH], asking(SEARCH, node="draft"), nodes=["agent"]) == 0.0
    assert scored([], asking(SEARCH, node="draft"), nodes=["agent"]) == 1.0


def test_a_case_without_expected_calls_is_unscored() -> None:
    said = tool_calls.score(makers.case(expected_answer="x"), asking(SEARCH), {})
    assert str(said).startswith("the case has no expected_tool_calls")


CALLS = st.lists(
    st.sampled_from([SEARCH, MAIL, {"name": "search"}, {"name": "search", "args": {"query": "refund"}}]), max_size=4
)


@given(CALLS, CALLS)
def test_a_pairing_is_found_wherever_there_is_one(expected: Any, asked: Any) -> None:
    asked = [{"args": {}, **call} for call in asked]

    def fits(order: Any) -> bool:
        return all(
            w["name"] == a["name"] and w.get("args", a["args"]) == a["args"]
            for w, a in zip(expected, order, strict=True)
        )

    there_is_one = len(expected) == len(asked) and any(map(fits, permutations(asked)))
    assert scored(expected, asking(*asked), mode="unordered") == float(there_is_one)
