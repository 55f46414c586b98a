"""The metrics that hold an output against what a case expects, or against a pattern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics import accuracy, contains, exact, json_field, numeric, regex
from tests import makers
from tests.conformance.metric import MetricSuite

Options = Mapping[str, Any]


class TestExactConforms(MetricSuite):
    metric = exact


class TestContainsConforms(MetricSuite):
    metric = contains


class TestRegexConforms(MetricSuite):
    metric = regex
    options = {"pattern": "bill", "path": "intent"}  # noqa: RUF012


class TestJsonFieldConforms(MetricSuite):
    metric = json_field


class TestNumericConforms(MetricSuite):
    metric = numeric


@pytest.mark.parametrize(
    ("expected", "got", "options", "value"),
    [
        ("billing", "billing", {}, 1.0),
        ("billing", "Billing", {}, 0.0),
        ("billing", "billing ", {}, 0.0),
        ("billing", "billing\n", {"strip": True}, 1.0),
        ("Straße", "STRASSE", {"ignore_case": True}, 1.0),
        ("3", 3, {}, 0.0),
        ('{"a": 1}', '{"a":1}', {}, 0.0),
    ],
)
def test_exact_counts_every_character(expected: str, got: Any, options: Options, value: float) -> None:
    assert exact.score(makers.case(expected_intent=expected), makers.run({"intent": got}), options) == value


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), ([1], [True]), ({"a": 0}, {"a": False}), (None, 0)])
def test_exact_tells_types_apart_at_every_depth(one: Any, other: Any) -> None:
    case = makers.case(expected_data=one)
    assert exact.score(case, makers.run({"data": one}), {}) == 1.0
    assert exact.score(case, makers.run({"data": other}), {}) == 0.0


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_what_is_exact_is_accurate_too(value: Any) -> None:
    case, run = makers.case(expected_data=value), makers.run({"data": value})
    assert exact.score(case, run, {}) == accuracy.score(case, run, {}) == 1.0


@pytest.mark.parametrize(
    ("expected", "got", "options", "value"),
    [
        ("30 days", "You have  30\nDays to return it.", {}, 1.0),
        ("art", "part of it", {}, 1.0),
        ("art", "part of it", {"whole_words": True}, 0.0),
        (["sorry", "refund"], "Sorry! The refund is on its way.", {}, 1.0),
        (["sorry", "refund"], "The refund is on its way.", {}, 0.0),
        (42, "it is 42.", {}, 1.0),
    ],
)
def test_contains_every_expected_text(expected: Any, got: str, options: Options, value: float) -> None:
    assert contains.score(makers.case(expected_answer=expected), makers.run({"answer": got}), options) == value


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({"pattern": "^Dear"}, 1.0),
        ({"pattern": "dear"}, 0.0),
        ({"pattern": "(?i)dear"}, 1.0),
        ({"pattern": "Dear", "whole": True}, 0.0),
        ({"pattern": "Dear .*", "whole": True}, 1.0),
        ({"pattern": "guarantee", "absent": True}, 1.0),
        ({"pattern": "Dear", "absent": True}, 0.0),
        ({"pattern": "x", "path": "nowhere"}, 0.0),
        ({"pattern": "7", "path": "days"}, 1.0),
    ],
)
def test_a_regex_is_a_rubric_in_one_line(options: Options, value: float) -> None:
    run = makers.run({"ticket": "Where is my parcel?", "reply": "Dear Emma, soon.", "days": 7})
    assert regex.score(makers.case(), run, options) == value


def test_a_regex_that_does_not_know_which_text_is_meant_says_so() -> None:
    assert "path" in str(regex.score(makers.case(), makers.run({"a": "x", "b": "y"}), {"pattern": "x"}))
    assert regex.score(makers.case(), makers.run(None, fault=makers.fault("app")), {"pattern": "x"}) == 0.0


@pytest.mark.parametrize(
    ("got", "options", "value"),
    [
        ('{"queue": "claims", "days": 5}', {}, 1.0),
        ({"queue": "Claims ", "days": "5"}, {}, 1.0),
        ('{"queue": "claims", "days": 6}', {}, 0.5),
        ('{"queue": "claims", "days": 6, "more": 1}', {"keys": ["queue"]}, 1.0),
        ('{"queue": "claims"}', {"keys": ["days", "not.expected"]}, 0.0),
        ("queue claims, 5 days", {}, 0.0),
        ("[1]", {}, 0.0),
    ],
)
def test_a_json_field_gives_partial_credit(got: Any, options: Options, value: float) -> None:
    case = makers.case(expected_answer='{"queue": "claims", "days": 5}')
    assert json_field.score(case, makers.run({"answer": got}), options) == value


def test_json_fields_are_found_in_depth() -> None:
    case = makers.case(expected_order={"to": {"city": "Rome"}, "items": [1, 2]})
    run = makers.run({"order": {"to": {"city": "rome"}, "items": [1, 3]}})
    assert json_field.score(case, run, {"keys": ["to.city"]}) == 1.0
    assert json_field.score(case, run, {"keys": ["to.city", "items.0", "items.1"]}) == pytest.approx(2 / 3)
    assert "nothing" in str(json_field.score(makers.case(expected_intent="x"), makers.run({"intent": "x"}), {}))


@pytest.mark.parametrize(
    ("expected", "got", "options", "value"),
    [
        (42, 42, {}, 1.0),
        ("42", "The answer is 42.", {}, 1.0),
        (42, "First 40, then 42", {}, 1.0),
        (1234.5, "1,234.50 EUR", {}, 1.0),
        (0.3, 0.1 + 0.2, {}, 1.0),
        (100, 101, {}, 0.0),
        (100, 101, {"tolerance": 1}, 1.0),
        (100, 105, {"relative": 0.05}, 1.0),
        (-100, -106, {"relative": 0.05}, 0.0),
        (42, "no idea", {}, 0.0),
        (42, None, {}, 0.0),
        (1, True, {}, 0.0),
    ],
)
def test_numbers_are_near_enough_or_not(expected: Any, got: Any, options: Options, value: float) -> None:
    assert numeric.score(makers.case(expected_total=expected), makers.run({"total": got}), options) == value


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=30))
def test_any_text_is_a_number_or_wrong(wanted: float, text: str) -> None:
    assert numeric.score(makers.case(expected_x=wanted), makers.run({"x": text}), {}) in (0.0, 1.0)


def test_what_is_no_number_is_not_judged() -> None:
    said = numeric.score(makers.case(expected_intent="billing"), makers.run({"intent": "billing"}), {})
    assert "numeric" in str(said)
