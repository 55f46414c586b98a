"""Verdicts, guardrails and their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats import compare, decide, describe, futile, guard, screen
from harness.types import Comparison, Goal, Guard, Score

ALPHA = 0.01
GOOD = Comparison("accuracy", 120, 0, 0.6, 0.7, 0.1, 0.04, 0.16, 0.002, 0.3, 30, 80, 10, "exact sign-flip", 0.33)
HOLDS = Guard("latency", True, "at most 2", 1.0, 1.1, 1.2)
BROKEN = Guard("latency", False, "at most 2", 1.0, 2.5, 2.7)


def scores(values: Sequence[Sequence[float | None]], metric: str = "latency") -> list[Score]:
    """One row per case, one column per run."""
    return [Score(metric, f"c{i:03}", k, v) for i, row in enumerate(values) for k, v in enumerate(row)]


def column(values: Sequence[float]) -> list[Score]:
    """One run per case."""
    return scores([[v] for v in values])


def test_keep() -> None:
    found = decide(GOOD, [HOLDS], ALPHA, 0.0)
    assert (found.verdict, found.alpha, found.guards) == ("keep", ALPHA, (HOLDS,))
    assert "0.1 better" in found.words and "p = 0.002" in found.words and "30 improved" in found.words


@pytest.mark.parametrize(
    ("found", "guards", "missing", "verdict", "word"),
    [
        (GOOD, [HOLDS, BROKEN], 0.0, "reject", "guardrail on latency"),
        (replace(GOOD, p=0.0101), [], 0.0, "reject", "above the level"),
        (replace(GOOD, gain=-0.1, p=1.0), [], 0.0, "reject", "did not improve"),
        (replace(GOOD, gain=0.0, p=0.005), [], 0.0, "reject", "did not improve"),
        (replace(GOOD, gain=0.0, p=1.0, improved=0, worse=0, kept=120), [], 0.0, "reject", "no difference"),
        (GOOD, [], 0.021, "no verdict", "missing"),
        (replace(GOOD, n=11), [], 0.0, "no verdict", "fewer than"),
        (compare("accuracy", "higher", [], [], {}, 1), [], 0.0, "no verdict", "no case"),
    ],
)
def test_every_other_way_out(found: Comparison, guards: list[Guard], missing: float, verdict: str, word: str) -> None:
    decision = decide(found, guards, ALPHA, missing)
    assert decision.verdict == verdict
    assert word in decision.words
    assert decision.words.endswith(".") and ".." not in decision.words


def test_levels_are_closed() -> None:
    assert decide(replace(GOOD, p=ALPHA), [], ALPHA, 0.02).verdict == "keep"


@given(st.floats(0.0001, 1.0), st.floats(-1.0, 1.0), st.booleans())
def test_a_keep_always_has_its_three_reasons(p: float, gain: float, holds: bool) -> None:
    found = replace(GOOD, p=p, gain=gain)
    kept = decide(found, [HOLDS if holds else BROKEN], ALPHA, 0.0).verdict == "keep"
    assert kept == (p <= ALPHA and gain > 0 and holds)


def test_screen_and_futility() -> None:
    assert screen(GOOD, share=True) and not screen(replace(GOOD, gain=0.01, spread=0.9), share=True)
    unmoved, worse = replace(GOOD, gain=0.0, p=1.0), replace(GOOD, gain=-0.1, p=0.9)
    assert futile(unmoved, last=True) and not futile(unmoved, last=False)
    assert futile(worse, last=True) and futile(worse, last=False)
    assert not futile(replace(worse, p=0.6), last=False) and not futile(GOOD, last=True)
    nothing = compare("accuracy", "higher", [], [], {}, 1)
    assert futile(nothing, last=False) and not screen(nothing, share=True)


def test_words_say_worse() -> None:
    assert "0.1 worse" in describe(replace(GOOD, gain=-0.1, low=-0.16, high=-0.04, p=1.0))


# ---- guardrails ----------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(1)
SECONDS = RNG.lognormal(0.0, 0.3, 120)
ATMOST_2 = Goal("latency", "lower", 2.0, unit="s")
FREE = Goal("latency", "lower", None)
RIGHT = Goal("accuracy", "higher", None)
ERRORS = Goal("error_rate", "lower", None)


def test_target_met_before_is_the_guardrail() -> None:
    """50 % slower, still under the target: holds; over it: does not."""
    assert guard(ATMOST_2, column(SECONDS), column(SECONDS * 1.5), 0.1).holds
    over = guard(ATMOST_2, column(SECONDS), column(SECONDS * 2.2), 0.1)
    assert not over.holds and over.rule == "at most 2 s" and over.bound is not None and over.bound > 2.0


def test_target_missed_before_falls_back_to_the_margin() -> None:
    goal = replace(ATMOST_2, target=0.5)
    found = guard(goal, column(SECONDS), column(SECONDS * 1.01), 0.1)
    assert found.holds and found.rule == "not more than 10 % worse"


@pytest.mark.parametrize(("factor", "holds"), [(0.5, True), (1.0, True), (1.05, True), (1.2, False)])
def test_ratio_margin(factor: float, holds: bool) -> None:
    noise = RNG.lognormal(0.0, 0.05, 120)
    assert guard(FREE, column(SECONDS), column(SECONDS * noise * factor), 0.1).holds is holds


def test_a_long_case_does_not_hide_many_short_ones() -> None:
    """All cases but one take twice as long; the mean hardly moves, the ratio does."""
    before = np.array([0.1] * 59 + [60.0])
    after = np.array([0.2] * 59 + [59.0])
    assert not guard(FREE, column(before), column(after), 0.1).holds


def test_nothing_proved_is_not_held() -> None:
    """No difference found on few noisy cases is not equality."""
    after = SECONDS[:8] * RNG.lognormal(0.0, 0.6, 8)
    assert not guard(FREE, column(SECONDS[:8]), column(after), 0.1).holds
    assert not guard(FREE, column(SECONDS[:1]), column(SECONDS[:1] * 0.5), 0.1).holds


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_unmoved_holds_at_any_size(value: float) -> None:
    for goal in (RIGHT, ERRORS, FREE):
        assert guard(goal, column([value] * 12), column([value] * 12), 0.1).holds


def test_errors_and_accuracy_are_one_fact() -> None:
    wrong = [1.0 if i < 3 else 0.0 for i in range(150)]
    more = [1.0 if i < 6 else 0.0 for i in range(150)]
    far_more = [1.0 if i < 40 else 0.0 for i in range(150)]
    for after, holds in ((more, True), (far_more, False)):
        errors = guard(ERRORS, column(wrong), column(after), 0.1)
        right = guard(RIGHT, column([1 - v for v in wrong]), column([1 - v for v in after]), 0.1)
        assert errors.holds is right.holds is holds
        assert errors.bound == pytest.approx(right.bound)


def test_zero_cost_has_no_ratio() -> None:
    before = [0.0] * 20 + [2.5] * 100
    assert guard(replace(FREE, metric="cost"), column(before), column([v * 1.02 for v in before]), 0.1).holds
    assert not guard(replace(FREE, metric="cost"), column(before), column([v + 1 for v in before]), 0.1).holds


def test_missing_arm_does_not_hold() -> None:
    found = guard(FREE, column(SECONDS), scores([[None]] * 120), 0.1)
    assert (found.holds, found.before, found.bound) == (False, None, None)
