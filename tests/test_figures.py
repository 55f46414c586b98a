"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.figures import (
    amount,
    between,
    chance,
    count,
    difference,
    duration,
    evidence,
    number,
    relative,
    share,
    size,
)


@given(st.floats())
def test_no_exponent_no_inf_no_nan(value: float) -> None:
    texts = [number(value), amount(value, "s"), amount(value, ""), difference(value, "USD"), share(value)]
    texts.append(relative(value, 1.0))
    assert not any(word in text.lower() for text in texts for word in ("e+", "e-", "inf", "nan"))


@given(st.floats(1e-6, 1e6))
def test_number_keeps_three_digits(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=0.006)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.6104, "", "61.0 %"),
        (1.234, "s", "1.23 s"),
        (1234.4, "tokens", "1234 tokens"),
        (0.0000123, "USD", "0.0000123 USD"),
    ],
)
def test_amount_by_unit(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(0.083, "", "+8.3 points"), (-0.4, "s", "-0.4 s"), (0.0, "", "0.0 points"), (-0.00001, "", "0.0 points")],
)
def test_difference_has_its_sign(value: float, unit: str, text: str) -> None:
    assert difference(value, unit) == text


def test_between_names_its_unit_once() -> None:
    assert between(-0.03, 0.131, "") == "-3.0 to +13.1 points"
    assert between(None, 0.1, "s") == "-"


def test_nothing_is_a_dash() -> None:
    assert amount(None, "") == difference(None, "s") == share(None) == relative(0.0, 1.0) == relative(1.0, None) == "-"
    assert number(math.inf) == "-"


@pytest.mark.parametrize(("seconds", "text"), [(0.84, "0.8 s"), (12, "12 s"), (192, "3 min 12 s"), (7500, "2 h 5 min")])
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counts() -> None:
    assert [count(n, "case") for n in (0, 1, 1200)] == ["0 cases", "1 case", "1,200 cases"]


@pytest.mark.parametrize(
    ("effect", "band"), [(0.19, "negligible"), (-0.2, "small"), (0.5, "medium"), (-0.8, "large"), (None, "no spread")]
)
def test_effect_bands(effect: float | None, band: str) -> None:
    assert size(effect).startswith(band)


@pytest.mark.parametrize(("p", "band"), [(0.01, "very strong"), (0.05, "strong"), (0.1, "weak"), (0.11, "no evidence")])
def test_chance_bands(p: float, band: str) -> None:
    assert evidence(p).startswith(band)


def test_tiny_p_is_not_printed_as_zero() -> None:
    assert chance(1e-300) == "p < 0.0001"
