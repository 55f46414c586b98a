"""The statistics of the whole set, against counts made by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from harness.analyse.classes import rows, weighted_f1
from harness.analyse.profile import percentile, profile
from tests import makers

LABELS = st.sampled_from(["a", "b", "c"])
PAIRS = st.lists(st.tuples(LABELS, LABELS | st.sampled_from(["", "else"])), max_size=40)


@given(PAIRS)
def test_classes_are_what_counting_says(pairs: list[tuple[str, str]]) -> None:
    total = 0.0
    for row in rows(pairs):
        hits = [want == say == row.label for want, say in pairs].count(True)
        misses = [want == row.label != say for want, say in pairs].count(True)
        alarms = [want != row.label == say for want, say in pairs].count(True)
        assert row.support == hits + misses
        assert row.recall == hits / (hits + misses)
        assert row.precision == (hits / (hits + alarms) if hits + alarms else None)
        assert row.f1 == pytest.approx(2 * hits / (2 * hits + misses + alarms))
        total += row.f1 * (hits + misses)
    assert weighted_f1(rows(pairs)) == pytest.approx(total / len(pairs) if pairs else 0.0)
    assert [row.label for row in rows(pairs)] == sorted({want for want, _ in pairs})


@given(PAIRS.filter(len))
def test_classes_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    wanted, said = [want for want, _ in pairs], [say for _, say in pairs]
    table = rows(pairs)
    labels = [row.label for row in table]
    found = precision_recall_fscore_support(wanted, said, labels=labels, zero_division=0)
    ours = [[row.precision or 0.0, row.recall, row.f1, row.support] for row in table]
    assert pytest.approx(np.array(found), abs=1e-9) == np.array(ours).T
    theirs = f1_score(wanted, said, labels=labels, average="weighted", zero_division=0)
    assert weighted_f1(table) == pytest.approx(theirs, abs=1e-9)


def test_a_table_worked_by_hand() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b"), ("c", "a")]
    assert [(row.f1, row.support) for row in rows(pairs)] == [(0.5, 2), (0.8, 2), (0.0, 1)]
    assert weighted_f1(rows(pairs)) == pytest.approx((0.5 * 2 + 0.8 * 2) / 5)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_percentiles_are_those_of_numpy(values: list[float], share: float) -> None:
    assert percentile(sorted(values), share) == pytest.approx(float(np.percentile(values, 100 * share)), abs=1e-6)


CASES = [makers.case(f"c{n}", expected_intent=("bill", "ship")[n % 2]) for n in range(8)]
RUNS = [
    makers.run(
        {"intent": "Bill"}, makers.call("classify", seconds=0.1 * (n + 1)), makers.call("", seconds=9), case=f"c{n}"
    )
    for n in range(6)
] + [
    makers.run(None, case="c6", fault=makers.fault("timeout"), seconds=30.0),
    makers.run(None, case="c7", fault=makers.fault("infrastructure"), seconds=99.0),
    makers.run({"intent": "Bill"}, case="of another set"),
]


def test_a_profile_counts_failures_and_leaves_out_what_was_lost() -> None:
    found = profile(CASES, RUNS, {"c0", "c1"}, {}, concurrency=4)
    whole, node = found.latencies
    assert (whole.node, whole.n, whole.mean) == ("", 7, pytest.approx(36 / 7))
    assert (node.node, node.n, node.p50) == ("classify", 6, pytest.approx(0.35))
    assert found.throughput == pytest.approx(4 / (36 / 7))
    assert {(e.kind, e.runs) for e in found.errors} == {("timeout", 1), ("infrastructure", 1)}
    assert found.runs == 8


def test_classes_list_dev_alone_and_total_all() -> None:
    (table,) = profile(CASES, RUNS, {"c0", "c1"}, {}, concurrency=4).classes
    assert table.n == 7  # the failed run wanted a label and gave none
    assert [(row.label, row.support) for row in table.rows] == [("bill", 1), ("ship", 1)]
    assert table.weighted_f1 == pytest.approx(4 / 7 * 2 * 3 / (6 + 4))


def test_nothing_measured_has_a_profile_of_nothing() -> None:
    found = profile(CASES, [], {"c0"}, {}, concurrency=4)
    assert (found.latencies, found.throughput, found.errors, found.classes) == ((), None, (), ())
