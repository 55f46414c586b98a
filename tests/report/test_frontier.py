"""Two goals at once: which points are on the frontier, and that each can be told from the others."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.charts import charts, frontier
from harness.types import Direction, Goal, Outcome, Result
from tests.report.outcomes import ACCURACY, change, outcome, summary, trials
from tests.report.test_charts import SVG, assert_readable, boxes, words_of

TOKENS = Goal("tokens", "lower", 500.0, where="fine-tune.md:6", text="at most 500 tokens")
POINT = st.builds(frontier.Point, st.just("p"), st.integers(0, 5), st.integers(0, 5), st.booleans())
WAYS = st.sampled_from(["higher", "lower"])


@given(st.lists(POINT, min_size=1, max_size=12), WAYS, WAYS)
def test_the_frontier_is_what_none_betters_in_both(
    points: list[frontier.Point], up: Direction, across: Direction
) -> None:
    goals = [replace(ACCURACY, direction=way) for way in (up, across)]
    found = frontier.frontier(points, *goals)
    signs = [1 if way == "higher" else -1 for way in (up, across)]
    scores = {point: (signs[0] * point.up, signs[1] * point.across) for point in points}
    for point in points:
        a, b = scores[point]
        beaten = any(x >= a and y >= b and (x, y) != (a, b) for x, y in scores.values())
        assert (point in found) is not beaten


def test_one_goal_or_nothing_confirmed_is_no_frontier() -> None:
    assert "frontier" not in charts(outcome(results=outcome().results[:1]))
    assert "frontier" not in charts(outcome(trials=(), course=()))


def placed_points(found: Sequence[tuple[float, float]]) -> Outcome:
    """A run whose versions lie at (share, seconds), all kept."""
    course = tuple((summary("accuracy", up), summary("latency", across)) for up, across in found)
    return outcome(course=course, trials=[replace(trials()[0], change=change(i)) for i in range(1, len(found))])


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 9)), min_size=2, max_size=14, unique=True))
@settings(max_examples=60, deadline=None)
def test_numbers_of_the_frontier_lie_over_no_dot_and_no_other_number(found: list[tuple[float, float]]) -> None:
    picture = charts(placed_points(found))["frontier"]
    assert_readable(picture)
    dots = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in ET.fromstring(picture).iter(f"{SVG}circle")]
    for words, (left, top, right, bottom) in boxes(picture):
        if words.isdigit():
            assert not any(left < x + 4 and x - 4 < right and top < y + 4 and y - 4 < bottom for x, y in dots)


def test_each_dot_has_its_number_and_its_values_and_a_third_goal_is_named_as_not_drawn() -> None:
    plain = outcome()
    tokens = Result(TOKENS, summary("tokens", 420), summary("tokens", 455), "met", 1.0)
    picture = charts(replace(plain, results=(*plain.results, tokens)))["frontier"]
    words = words_of(picture)
    assert {"1", "2", "3"} <= set(words) and "Not in this picture: tokens" in words
    assert any(told.endswith("c03, not kept: definitions") for told in words) and "61.0 %, 1.2 s" in words
    kinds = [dot.get("class", "") for dot in ET.fromstring(picture).iter(f"{SVG}circle")]
    assert len([kind for kind in kinds if kind.startswith("bad")]) == 1  # the one that was not kept
