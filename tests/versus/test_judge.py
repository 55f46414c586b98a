"""The ruling: a regression is shown and not guessed, no verdict is no pass, and noise is not sold as either."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from harness.types import Goal, Score, Yardstick
from harness.versus import compare
from tests.versus.sides import flat, marks, side

RULE = Yardstick()


def mixed(good: int, of: int) -> dict[str, list[float | None]]:
    return {f"t{i:02d}": [1.0 if i < good else 0.0] * 2 for i in range(of)}


def test_a_drop_is_a_regression_one_way_and_a_gain_the_other() -> None:
    old, new = side("A", marks(mixed(30, 40))), side("B", marks(mixed(20, 40)))
    down, up = compare(old, new, RULE), compare(new, old, RULE)
    assert (down.ruling, down.rows[0].finding) == ("regression", "worse")
    assert (up.ruling, up.rows[0].finding) == ("no regression", "better")
    assert down.rows[0].p_worse == up.rows[0].found.p == 0.5**10
    assert down.rows[0].found.gain == -0.25
    assert "10 worse" in down.words
    assert [one.case for one in down.moved] == [f"t{i}" for i in range(20, 30)]


def test_the_same_scores_are_the_same_and_a_small_difference_is_not_shown() -> None:
    old = side("A", marks(mixed(30, 40)))
    assert compare(old, replace(old, title="B"), RULE).rows[0].finding == "the same"
    found = compare(old, side("B", marks(mixed(28, 40))), RULE)
    assert (found.ruling, found.rows[0].finding) == ("no regression", "no difference shown")
    strict = compare(old, side("B", marks(mixed(28, 40))), replace(RULE, strict=True))
    assert strict.ruling == "regression"
    assert "not shown to be not more than 10 % worse" in strict.words
    assert compare(old, replace(old, title="B"), replace(RULE, strict=True)).ruling == "no regression"


def test_tokens_may_grow_by_the_margin_and_no_more() -> None:
    def tokens(value: float) -> dict[str, list[float | None]]:
        return flat(value, cases=20, runs=1)

    goal = {"goals": ("tokens",)}
    old = side("A", marks(tokens(100), "tokens", "lower", "tokens"), **goal)
    for value, finding in ((109.0, "no difference shown"), (111.0, "worse"), (90.0, "better")):
        new = side("B", marks(tokens(value), "tokens", "lower", "tokens"), **goal)
        found = compare(old, new, RULE)
        assert (found.rows[0].finding, found.rows[0].tolerance) == (finding, 0.10)


def test_a_goal_on_tokens_allows_them_to_grow_as_far_as_it_says() -> None:
    def tokens(value: float) -> dict[str, list[float | None]]:
        return flat(value, cases=20, runs=1)

    goal = {"goals": ("tokens",), "ceilings": (Goal("tokens", "lower", 200.0),)}
    old = side("A", marks(tokens(100), "tokens", "lower", "tokens"), **goal)
    for value, ruling, finding in ((190.0, "no regression", "holds its goal"), (210.0, "regression", "worse")):
        found = compare(old, side("B", marks(tokens(value), "tokens", "lower", "tokens"), **goal), RULE)
        assert (found.ruling, found.rows[0].finding) == (ruling, finding)
    assert (
        "at most 200 tokens"
        in compare(old, side("B", marks(tokens(190), "tokens", "lower", "tokens"), **goal), RULE).words
    )


def test_the_level_is_shared_by_what_counts() -> None:
    """p = 1/32 is below .05 alone and above .05 / 2."""

    def scores(good: int) -> dict[str, list[float | None]]:
        return {f"t{i:02d}": [float(i < good)] for i in range(20)}

    old = side("A", marks(scores(20)), marks(scores(20), "tone"))
    new = side("B", marks(scores(15)), marks(scores(20), "tone"))
    assert compare(old, new, RULE).ruling == "no regression"
    assert compare(old, new, replace(RULE, metrics=("accuracy",))).ruling == "regression"


def test_too_few_cases_and_one_sided_gaps_give_no_verdict() -> None:
    few = compare(side("A", marks(flat(1.0, 5))), side("B", marks(flat(0.0, 5))), RULE)
    assert few.ruling == "no verdict"
    assert "5 cases are fewer than the 12" in few.words
    gaps = flat(1.0)
    gaps["t00"] = [None, None]
    found = compare(side("A", marks(flat(1.0))), side("B", marks(gaps)), RULE)
    assert found.ruling == "no verdict"
    assert "2 only before, 0 only after" in found.words


def test_clusters_are_the_unit() -> None:
    old, new = side("A", marks(flat(1.0, 40))), side("B", marks(flat(0.0, 40)))
    clusters = {f"t{i:02d}": f"doc{i % 3}" for i in range(40)}
    found = compare(replace(old, clusters=clusters), replace(new, clusters=clusters), RULE)
    assert (found.rows[0].found.n, found.ruling) == (3, "no verdict")


def test_nothing_of_a_sealed_case_is_in_what_is_told() -> None:
    old = side("A", marks(mixed(30, 40)), sealed=[f"t{i}" for i in range(10, 40)])
    found = compare(old, side("B", marks(mixed(5, 40))), RULE)
    assert {one.case for one in found.moved} == {f"t0{i}" for i in range(5, 10)}
    assert (found.sealed, found.cases) == (30, 40)
    assert not [name for name in old.sealed if name in str(found)]


def test_two_draws_of_one_app_are_seldom_called_a_regression() -> None:
    """400 pairs of draws of the same app, judged on two metrics: the level is 5 % for both together."""
    rng = random.Random(11)

    def drawn() -> dict[str, list[float | None]]:
        return {f"t{i:02d}": [float(rng.random() < 0.3 + 0.02 * i) for _ in range(3)] for i in range(30)}

    pairs = [[side(name, marks(drawn()), marks(drawn(), "tone")) for name in "AB"] for _ in range(400)]
    worse = sum(compare(old, new, RULE).ruling == "regression" for old, new in pairs)
    assert worse <= 32  # 20 expected at most; above 32 has a chance of .004


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=12, max_size=25), st.randoms())
def test_neither_the_order_of_scores_nor_a_swap_of_arms_matters(
    pairs: list[tuple[float, float]], rng: random.Random
) -> None:
    arms = [marks({f"t{i:02d}": [pair[arm]] for i, pair in enumerate(pairs)}) for arm in (0, 1)]
    old, new = side("A", arms[0]), side("B", arms[1])
    shuffled: list[Score] = list(arms[1].scores)
    rng.shuffle(shuffled)
    mixed_up = replace(new, marks={"accuracy": replace(arms[1], scores=tuple(shuffled))})
    forth, again, back = compare(old, new, RULE), compare(old, mixed_up, RULE), compare(new, old, RULE)
    assert forth.rows == again.rows
    assert forth.rows[0].p_worse == back.rows[0].found.p
