"""The metrics of time and calls: of the whole case, of one node, against a limit."""

from __future__ import annotations

from harness.metrics import cost, latency, retries, tokens, tokens_in, tokens_out, within
from tests import makers
from tests.conformance.metric import MetricSuite

RUN = makers.run(
    {"intent": "billing"},
    makers.call("classify", seconds=0.25, tokens_in=100, tokens_out=10, retries=2),
    makers.call("route", seconds=0.5, tokens_in=40, tokens_out=5),
    makers.call("route", seconds=9.0, error="Timeout: 5 s", tokens_in=None, retries=1),
    seconds=1.5,
)
CASE = makers.case()


class TestRetriesConforms(MetricSuite):
    metric = retries


class TestTokensInConforms(MetricSuite):
    metric = tokens_in


class TestTokensOutConforms(MetricSuite):
    metric = tokens_out


class TestWithinConforms(MetricSuite):
    metric = within
    options = {"limit": 1.0}  # noqa: RUF012


def test_tokens_are_the_sum_of_both_sides() -> None:
    sides = [metric.score(CASE, RUN, {}) for metric in (tokens_in, tokens_out)]
    assert sides == [140.0, 15.0]
    assert tokens.score(CASE, RUN, {}) == 155.0


def test_a_node_counts_its_own_answered_calls() -> None:
    node = {"node": "route"}
    assert latency.score(CASE, RUN, node) == 0.5
    assert tokens.score(CASE, RUN, node) == 45.0
    assert retries.score(CASE, RUN, node) == 0.0
    assert retries.score(CASE, RUN, {}) == 2.0
    assert cost.score(CASE, RUN, {**node, "prices": {"acme:small": [1e6, 1e6]}}) == 45.0


def test_a_node_that_was_passed_by_took_no_time_and_one_of_a_failed_run_is_unknown() -> None:
    assert latency.score(CASE, RUN, {"node": "escalate"}) == 0.0
    failed = makers.run(None, *RUN.calls, fault=makers.fault("timeout"), seconds=30.0)
    assert "failed" in str(latency.score(CASE, failed, {"node": "classify"}))
    assert latency.score(CASE, failed, {}) == 30.0


def test_a_limit_of_time_is_kept_or_not_and_a_failure_never_keeps_it() -> None:
    assert within.score(CASE, RUN, {"limit": 1.5}) == 1.0
    assert within.score(CASE, RUN, {"limit": 1.4}) == 0.0
    assert within.score(CASE, RUN, {"limit": 0.3, "node": "classify"}) == 1.0
    assert within.score(CASE, makers.run(None, fault=makers.fault("app"), seconds=0.1), {"limit": 1.0}) == 0.0
