"""Dataclasses to JSON and back: nothing is lost, nothing wrong is let in."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import types
from harness.journal.codec import CodecError, from_json, to_json
from harness.types import Call, Score
from tests import makers

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
IN_MEMORY = {types.Side}  # made anew for each comparison, never written
NOUNS = [noun for noun in vars(types).values() if dataclasses.is_dataclass(noun) and noun not in IN_MEMORY]


def through_text(value):
    return json.loads(json.dumps(to_json(value)))


def values(kind):
    """Any value of a type, by its annotation."""
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    if kind is Any:
        return JSON
    if dataclasses.is_dataclass(kind):
        return st.builds(kind, **{name: values(hint) for name, hint in get_type_hints(kind).items()})
    if origin is tuple and arguments[-1] is Ellipsis:
        few = 1 if dataclasses.is_dataclass(arguments[0]) else 2
        return st.lists(values(arguments[0]), max_size=few).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, arguments))
    if origin is Mapping:
        return st.dictionaries(st.text(max_size=3), values(arguments[1]), max_size=2)
    if origin is UnionType:
        return st.one_of(*map(values, arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    return st.floats(allow_nan=False) if kind is float else st.from_type(kind)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(st.data())
def test_what_is_written_is_read_back_equal(noun, data):
    value = data.draw(values(noun))
    assert from_json(noun, through_text(value)) == value


def test_tuples_of_nouns():
    scores = (Score("accuracy", "c1", 0, 1.0), Score("accuracy", "c2", 0, None, "no answer"))
    assert from_json(tuple[Score, ...], through_text(scores)) == scores


def test_settings_keep_pairs_and_nested_tables():
    table = types.Settings(prices={"acme:small": (1.0, 2.0)}, metrics={"accuracy": {"field": "x"}}, link=(".env",))
    assert from_json(types.Settings, through_text(table)) == table


def test_a_record_of_an_older_version_takes_the_default_of_a_newer_field():
    data = through_text(makers.call())
    del data["retries"]
    assert from_json(Call, data) == makers.call()


@dataclass(frozen=True)
class Inner:
    number: float
    word: Literal["a", "b"]


@dataclass(frozen=True)
class Outer:
    inner: tuple[Inner, ...]
    maybe: int | None
    pair: tuple[str, int] = ("", 0)


GOOD = {"inner": [{"number": 1.5, "word": "a"}], "maybe": None, "pair": ["x", 1]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"inner": [{"number": 1.5, "word": "c"}]}, "inner[0].word: 'c' is not one of 'a', 'b'"),
        ({"inner": [{"number": "1", "word": "a"}]}, "inner[0].number: '1' is not a number"),
        ({"inner": [{"number": True, "word": "a"}]}, "inner[0].number: True is not a number"),
        ({"inner": [{"word": "a"}]}, "inner[0]: Inner has to have number"),
        ({"inner": [{"number": 1, "word": "a", "x": 1}]}, "inner[0]: Inner has no field x"),
        ({"inner": {"number": 1}}, "inner: {'number': 1} is not a list"),
        ({"maybe": 1.0}, "maybe: 1.0 is not int | None"),
        ({"maybe": True}, "maybe: True is not int | None"),
        ({"pair": ["x"]}, "pair: ['x'] is not a list of 2"),
        ({"pair": ["x", "y"]}, "pair[1]: 'y' is not int"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_path_to_it(change, words):
    with pytest.raises(CodecError) as caught:
        from_json(Outer, GOOD | change)
    assert str(caught.value) == words


def test_an_int_stands_for_a_float_and_becomes_one():
    value = from_json(Inner, {"number": 2, "word": "a"}).number
    assert value == 2.0
    assert isinstance(value, float)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [object()]}, "a[0]: object has no JSON form"),
        ({"a": {1: 2}}, "a: key 1 is not a string"),
        (makers.run({"x": {1, 2}}), "output.x: set has no JSON form"),
    ],
)
def test_what_has_no_json_form_is_refused_with_the_path_to_it(value, words):
    with pytest.raises(CodecError) as caught:
        to_json(value)
    assert str(caught.value) == words
