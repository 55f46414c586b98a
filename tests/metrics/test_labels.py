"""F1 as a metric: which fields hold labels, and that its sums are those of the table by class."""

from __future__ import annotations

import random

import pytest

from harness import stats
from harness.analyse.classes import classes
from harness.measure import score
from harness.metrics import f1, macro_f1
from harness.types import Run
from tests import makers
from tests.conformance.metric import MetricSuite


class TestF1Conforms(MetricSuite):
    metric = f1


class TestMacroF1Conforms(MetricSuite):
    metric = macro_f1


def test_it_is_the_f1_of_the_table_by_class() -> None:
    draw = random.Random(1)
    labels = ["billing", "Technical", "account", "shipping"]
    cases = [makers.case(f"c{n:02}", expected_intent=labels[n % 4]) for n in range(40)]
    runs: list[Run] = []
    for case in cases:
        for k in range(3):
            said = draw.choice([*labels, str(case.expected["expected_intent"]).upper(), "no idea"])
            lost = draw.random() < 0.1
            run = makers.run({"intent": said}, case=case.id, k=k, fault=makers.fault("app") if lost else None)
            runs.append(run)
    (table,) = classes(cases, runs, {case.id for case in cases}, {})
    found = stats.summarise("f1", score(f1, {case.id: case for case in cases}, runs, {}))
    assert found.mean == pytest.approx(table.weighted_f1, abs=1e-12)
    plain = stats.summarise("macro_f1", score(macro_f1, {case.id: case for case in cases}, runs, {}))
    assert plain.mean == pytest.approx(sum(row.f1 for row in table.rows) / len(table.rows), abs=1e-12)


def test_numbers_and_long_texts_count_only_where_they_are_named() -> None:
    case = makers.case(expected_intent="billing", expected_days=3, expected_answer="a text of more than five words")
    run = makers.run({"intent": "billing", "days": 4, "answer": "no"})
    assert f1.score(case, run, {}) == 1.0
    assert f1.score(case, run, {"only": ["expected_days"]}) == 0.0
    assert set(f1.record(case, run, {"only": ["expected_days"]})) == {"wanted:days=3", "said:days=4"}
    assert "expects no label" in str(f1.score(makers.case(expected_days=3), run, {}))
