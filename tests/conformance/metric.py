"""What every metric must do. A metric's test module subclasses ``MetricSuite`` and names its metric."""

from __future__ import annotations

import math

import pytest

from harness.protocols import Counted, Metric
from harness.statistic import COUNTED
from tests import makers

RUNS = {
    "right": makers.run({"intent": "billing"}, makers.call()),
    "wrong": makers.run({"intent": "other"}, makers.call(text="other")),
    "no calls": makers.run({"intent": "billing"}),
    "no output": makers.run(None, makers.call()),
    "text output": makers.run("billing"),
    "uncounted": makers.run({"intent": "billing"}, makers.call(tokens_in=None, tokens_out=None)),
    "failed call": makers.run({"intent": "billing"}, makers.call(error="Timeout: 5 s", tokens_in=None)),
    **{kind: makers.run(None, fault=makers.fault(kind)) for kind in ("app", "timeout", "exit", "recursion")},
}
CASES = {
    "plain": makers.case(expected_intent="billing"),
    "nothing expected": makers.case(),
    "meaning only": makers.case(expected_answer_semantic=["says sorry"]),
    "several": makers.case(expected_intent="billing", expected_days=3),
}


class MetricSuite:
    """Subclass it and set ``metric``; ``options`` may add what the metric needs."""

    metric: Metric
    options: dict[str, object] = {}  # noqa: RUF012 - overridden whole, never changed

    def test_names_itself(self) -> None:
        assert self.metric.NAME.isidentifier()
        assert self.metric.VERSION
        assert self.metric.DIRECTION in ("higher", "lower")
        assert isinstance(self.metric.UNIT, str)

    @pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_a_finite_number_or_a_sentence_and_the_same_twice(self, case, run) -> None:
        first = self.metric.score(case, run, self.options)
        assert first == self.metric.score(case, run, self.options)
        if isinstance(first, str):
            assert first.strip()
        else:
            assert math.isfinite(first)

    @pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_what_it_counts_is_a_number_by_name_where_it_has_a_value(self, case, run) -> None:
        if not isinstance(self.metric, Counted) or isinstance(self.metric.score(case, run, self.options), str):
            return
        assert self.metric.STATISTIC in COUNTED
        first = self.metric.record(case, run, self.options)
        assert first == self.metric.record(case, run, self.options)
        assert all(name and math.isfinite(count) and count >= 0 for name, count in first.items())

    def test_works_without_options(self) -> None:
        assert self.metric.score(CASES["plain"], RUNS["right"], {}) is not None

    def test_infrastructure_faults_are_never_scored(self) -> None:
        run = makers.run(None, makers.call(), fault=makers.fault("infrastructure"))
        assert isinstance(self.metric.score(CASES["plain"], run, self.options), str)
