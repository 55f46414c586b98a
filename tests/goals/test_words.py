"""Goals in words: what is understood, what is refused, and that nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.goals import words
from harness.goals.words import UnreadableError, Wanted
from harness.types import Measure

MEASURES: dict[str, Measure] = {
    "accuracy": Measure("higher", ""),
    "latency": Measure("lower", "s"),
    "tokens": Measure("lower", "tokens"),
    "cost": Measure("lower", "USD"),
    "error_rate": Measure("lower", ""),
    "politeness": Measure("higher", "points"),
}


def parse(metric: str, text: str) -> Wanted:
    return words.parse(text, metric, MEASURES[metric])


@pytest.mark.parametrize(
    ("metric", "text", "target"),
    [
        ("accuracy", "90% or higher", 0.9),
        ("accuracy", "at least 0.9", 0.9),
        ("accuracy", "accuracy >= .9", 0.9),
        ("accuracy", "accuracy – 95 %", 0.95),
        ("accuracy", "from 75 % (now 76 %) to 90 %", 0.9),
        ("accuracy", "raise to 90% on 50 cases", 0.9),
        ("accuracy", "90 percent", 0.9),
        ("accuracy", "90%+", 0.9),
        ("accuracy", "top-5 hits in 90%", 0.9),
        ("latency", "2.0 seconds or less", 2.0),
        ("latency", "under 1500 ms", 1.5),
        ("latency", "p95 within 2s", 2.0),
        ("latency", "no more than 1 minute", 60.0),
        ("cost", "$0.010 or less", 0.01),
        ("cost", "below 2 cents", 0.02),
        ("cost", "USD 0.5 maximum", 0.5),
        ("tokens", "350 tokens or less", 350.0),
        ("tokens", "<= 1.5k tokens", 1500.0),
        ("tokens", "1,500 or fewer", 1500.0),
        ("error_rate", "2 % or lower", 0.02),
        ("error_rate", "0", 0.0),
        ("politeness", "4.2 or more", 4.2),
        ("politeness", "at least -1.5", -1.5),
        ("politeness", "4 points or more", 4.0),
        ("politeness", "at least 1 point", 1.0),
    ],
)
def test_absolute_targets(metric: str, text: str, target: float) -> None:
    assert parse(metric, text) == Wanted(target, None, parse(metric, text).unit)


@pytest.mark.parametrize(
    ("metric", "text", "relative"),
    [
        ("cost", "cost -40 %", -0.4),
        ("cost", "cost −40%", -0.4),
        ("tokens", "reduce by 40 %", -0.4),
        ("tokens", "by at least 40 %", -0.4),
        ("latency", "25% faster", -0.25),
        ("latency", "25% better", -0.25),
        ("error_rate", "50 % lower", -0.5),
        ("accuracy", "+10 %", 0.1),
        ("accuracy", "improve by 10 %", 0.1),
        ("accuracy", "10 % higher", 0.1),
    ],
)
def test_relative_targets(metric: str, text: str, relative: float) -> None:
    assert parse(metric, text) == Wanted(None, relative, "%")


@pytest.mark.parametrize(
    ("metric", "text", "says"),
    [
        ("accuracy", "as high as possible", "no value"),
        ("accuracy", "95", "cannot be above 100 %"),
        ("accuracy", "120 %", "cannot be met"),
        ("accuracy", "0,9", "comma"),
        ("accuracy", "90-95 %", "range"),
        ("accuracy", "80 % or 90 %", "several values"),
        ("accuracy", "-10 %", "worse"),
        ("accuracy", "reduce by 10 %", "worse"),
        ("accuracy", "no more than 90 %", "asks for accuracy to be lower"),
        ("accuracy", "2 s", "not measured in 's'"),
        ("latency", "no less than 2 s", "asks for latency to be higher"),
        ("latency", "2 hours", "no unit known"),
        ("latency", "-100", "never below 0"),
        ("latency", "90 %", "no percentage of its own"),
        ("latency", "2 or less", "2 of what"),
        ("cost", "at most 0.01", "0.01 of what"),
        ("politeness", "90 %", "no percentage of its own"),
        ("politeness", "4 s", "not measured in 's'"),
        ("accuracy", "90 points", "no unit known"),
        ("cost", "0.01 €", "no unit known"),
        ("cost", "-100 %", "nothing is left"),
    ],
)
def test_what_cannot_be_told_is_refused_with_a_fix(metric: str, text: str, says: str) -> None:
    with pytest.raises(UnreadableError, match=says) as caught:
        parse(metric, text)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("accuracy to 95 %", "accuracy"),
        ("95 % accuracy", "accuracy"),
        ("at most 350 tokens", "tokens"),
        ("at most 350 tokens per request", "tokens"),
        ("latency p95 under 2 s", "latency p95"),
        ("keep the error_rate below 2 %", "error_rate"),
        ("tone accuracy 95 %", "tone accuracy"),
        ("under 2 s", ""),
    ],
)
def test_what_a_goal_in_words_is_about(text: str, metric: str) -> None:
    assert words.metric_words(text) == metric


@given(st.sampled_from(sorted(MEASURES)), st.text(max_size=40))
def test_any_text_gives_one_goal_or_a_complaint(metric: str, text: str) -> None:
    try:
        wanted = parse(metric, text)
    except UnreadableError as error:
        assert str(error)
    else:
        assert (wanted.target is None) != (wanted.relative is None)


@given(st.integers(0, 1000))
def test_a_percentage_and_its_share_are_the_same(tenths: int) -> None:
    assert parse("accuracy", f"{tenths / 10} % or higher").target == pytest.approx(tenths / 1000)
    assert parse("accuracy", f"at least {tenths / 1000:.4f}").target == pytest.approx(tenths / 1000)
