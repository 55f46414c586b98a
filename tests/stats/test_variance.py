"""Variance between cases, between runs of a case, and by node, on apps whose true parts are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats import NodeNoise, by_records, by_replay, noise
from harness.types import Score

NODES = ("draft", "judge")


def scores(values: np.ndarray) -> list[Score]:
    """One row per case, one column per run."""
    return [Score("m", f"c{case:04}", k, float(value)) for (case, k), value in np.ndenumerate(values)]


def shares(found: NodeNoise | None) -> dict[str, float]:
    assert found is not None
    return {row.node: row.share for row in found.nodes}


def test_the_parts_of_a_random_effects_world_are_found() -> None:
    rng = np.random.default_rng(1)
    values = 5.0 + 2.0 * rng.standard_normal((4000, 1)) + 1.0 * rng.standard_normal((4000, 5))
    found = noise("m", scores(values))
    assert found is not None
    assert found.between == pytest.approx(4.0, rel=0.1)
    assert found.within == pytest.approx(1.0, rel=0.05)
    assert found.share == pytest.approx(0.2, rel=0.1)


def test_nothing_one_value_and_no_spread() -> None:
    assert noise("m", [Score("m", "c", 0, None, "unscored")]) is None
    one = noise("m", scores(np.array([[3.0]])))
    assert one is not None
    assert (one.mean, one.between, one.within, one.share) == (3.0, 0.0, 0.0, None)
    alike = noise("m", scores(np.ones((5, 3))))
    assert alike is not None and alike.share is None
    marks = {(f"c{case:04}", k): ("a", "b") for case in range(5) for k in range(3)}
    assert by_records("m", scores(np.ones((5, 3))), marks, NODES, seed=1) is None


def world(cases: int, runs: int) -> tuple[list[Score], dict[tuple[str, int], tuple[str, str]]]:
    """Score = 2 x what the draft says (0 or 1) + what the judge says (0 or 1) + no more: parts .8 and .2."""
    rng = np.random.default_rng(7)
    draft, judge = rng.integers(2, size=(cases, runs)), rng.integers(2, size=(cases, runs))
    marks = {(f"c{c:04}", k): (str(draft[c, k]), str(judge[c, k])) for c in range(cases) for k in range(runs)}
    return scores(2.0 * draft + judge), marks


def test_nodes_get_their_true_parts_from_records() -> None:
    values, marks = world(1500, 5)
    found = by_records("m", values, marks, NODES, seed=1)
    assert shares(found) == pytest.approx({"draft": 0.8, "judge": 0.2}, abs=0.03)
    assert found is not None
    assert found.within == pytest.approx(1.25, rel=0.1)
    assert found.outside == 0.0
    draft = found.nodes[0]
    assert draft.low < 0.8 < draft.high


def test_what_never_repeats_is_not_told_apart() -> None:
    values, marks = world(50, 5)
    unique = {key: (f"{key}", said) for key, (_, said) in marks.items()}
    found = by_records("m", values, unique, NODES, seed=1)
    assert found is not None
    assert shares(found) == {"draft": 0.0, "judge": 0.0}
    assert [row.joint for row in found.nodes] == pytest.approx([1.0, 0.0])


def test_noise_that_no_node_said_lies_outside() -> None:
    rng = np.random.default_rng(3)
    values = scores(rng.standard_normal((40, 4)))
    marks = {(score.case, score.k): ("a", "b") for score in values}
    found = by_records("m", values, marks, NODES, seed=1)
    assert found is not None and found.outside == pytest.approx(1.0)


def test_nodes_get_their_true_parts_by_replay() -> None:
    """Drafts that never repeat are no obstacle: they are frozen."""
    rng = np.random.default_rng(5)
    draft, judge, rest = rng.standard_normal((3, 1500, 5))
    judge, rest = 2.0 * judge, 1.0 * rest
    recorded = scores(2.0 * draft + judge + rest)
    frozen = [
        scores(2.0 * draft + 2.0 * rng.standard_normal(draft.shape) + rng.standard_normal(draft.shape)),
        scores(2.0 * draft + judge + rng.standard_normal(draft.shape)),
    ]
    found = by_replay("m", recorded, frozen, NODES, seed=1)
    assert shares(found) == pytest.approx({"draft": 4 / 9, "judge": 4 / 9}, abs=0.05)
    assert found is not None and found.outside == pytest.approx(1 / 9, abs=0.02)


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(2, 5))
def test_parts_always_sum_to_one(seed: int, said: int, runs: int) -> None:
    rng = np.random.default_rng(seed)
    values = scores(rng.integers(2, size=(12, runs)))
    marks = {(score.case, score.k): tuple(map(str, rng.integers(said, size=2))) for score in values}
    found = by_records("m", values, marks, NODES, seed=1)
    if found is not None:
        parts = [found.outside, *(part for row in found.nodes for part in (row.share, row.joint))]
        assert sum(parts) == pytest.approx(1.0)
        assert min(parts) >= 0.0
