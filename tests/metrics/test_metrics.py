from __future__ import annotations

import pytest

from harness.metrics import accuracy, cost, error_rate, latency, tokens
from tests import makers
from tests.conformance.metric import MetricSuite

PRICES = {"prices": {"acme:small": [1.0, 2.0]}}


class TestAccuracyConforms(MetricSuite):
    metric = accuracy


class TestLatencyConforms(MetricSuite):
    metric = latency


class TestTokensConforms(MetricSuite):
    metric = tokens


class TestCostConforms(MetricSuite):
    metric = cost
    options = PRICES


class TestErrorRateConforms(MetricSuite):
    metric = error_rate


@pytest.mark.parametrize(
    ("expected", "output", "value"),
    [
        ({"expected_intent": "Billing "}, {"intent": " billing"}, 1.0),
        ({"expected_intent": "billing"}, {"intent": "billing, I think"}, 0.0),
        ({"expected_intent": "billing"}, {"intent": None}, 0.0),
        ({"expected_reply": '{"a": 1, "b": "X"}'}, {"reply": '{"b":"x","a":1.0}'}, 1.0),
        ({"expected_flag": True}, {"flag": 1}, 0.0),
        ({"expected_days": 3}, {"days": "3"}, 1.0),
        ({"expected_intent": "billing", "expected_days": 3}, {"intent": "billing", "days": 4}, 0.0),
        ({"expected_intent": "billing", "expected_days": 3}, {"intent": "billing"}, 1.0),
        ({"expected_intent": "billing", "expected_answer_semantic": ["sorry"]}, {"intent": "billing"}, 1.0),
        ({"expected_answer": "Paris"}, {"messages": [{"content": "?"}, {"content": "paris"}]}, 1.0),
        ({"expected_answer": "Paris"}, {"messages": [{"content": [{"type": "text", "text": "Paris"}]}]}, 1.0),
        ({"expected_answer": "Paris"}, {"ticket": "Where is my parcel?", "town": "Paris"}, 1.0),
        ({"expected_output": "Paris"}, "paris", 1.0),
    ],
)
def test_accuracy_compares_every_field_that_can_be_compared(expected, output, value):
    assert accuracy.score(makers.case(**expected), makers.run(output), {}) == value


def test_accuracy_follows_a_dotted_path_and_nothing_there_is_wrong():
    options = {"fields": {"expected_intent": "result.0.label"}}
    case = makers.case(expected_intent="billing")
    assert accuracy.score(case, makers.run({"result": [{"label": "billing"}]}), options) == 1.0
    assert accuracy.score(case, makers.run({"result": [], "intent": "billing"}), options) == 0.0


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({}, "no expected_"),
        ({"expected_answer_semantic": ["sorry"]}, "a metric of its own"),
        ({"expected_intent": "billing"}, "expected_intent"),
        ({"expected_answer": "two texts, which?"}, "expected_answer"),
    ],
)
def test_accuracy_says_why_nothing_can_be_compared(expected, says):
    assert says in accuracy.score(makers.case(**expected), makers.run({"a": "x", "b": "y"}), {})


@pytest.mark.parametrize("kind", ["app", "timeout", "exit", "recursion"])
def test_the_apps_own_faults_count(kind):
    run = makers.run(None, fault=makers.fault(kind), seconds=30.0)
    case = makers.case(expected_intent="billing")
    assert accuracy.score(case, run, {}) == 0.0
    assert error_rate.score(case, run, {}) == 1.0
    assert latency.score(case, run, {}) == 30.0


def test_cost_uses_each_models_own_price_or_none():
    small = makers.call(tokens_in=1_000_000, tokens_out=500_000)
    case = makers.case()
    assert cost.score(case, makers.run({}, small, small), PRICES) == pytest.approx(4.0)
    assert cost.score(case, makers.run({}, small), {"prices": {"small": [3.0, 0.0]}}) == pytest.approx(3.0)
    mixed = makers.run({}, small, makers.call(model="acme:small-2"))
    assert "unpriced: acme:small-2" in cost.score(case, mixed, PRICES)


def test_the_embedded_model_is_free_even_without_counts():
    run = makers.run({}, makers.call(model="embedded:base", tokens_in=None))
    assert cost.score(makers.case(), run, {}) == 0.0


def test_tokens_sum_answered_calls_only():
    run = makers.run({}, makers.call(), makers.call(error="RateLimit: slow down", tokens_in=None))
    assert tokens.score(makers.case(), run, {}) == 110.0
