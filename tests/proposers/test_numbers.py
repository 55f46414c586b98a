"""Proposals of numbers for a node's models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.proposers import max_tokens, temperature
from harness.proposers.place import mark
from harness.types import Brief, ModelUse, Span
from tests import toys
from tests.conformance.proposer import ProposerSuite
from tests.makers import brief, node, seen

PLACE, ROOM = Span("app.py", 60, 63, 4, 4), Span("app.py", 70, 70, 4, 4)


class TestTemperatureConforms(ProposerSuite):
    proposer = temperature


class TestMaxTokensConforms(ProposerSuite):
    proposer = max_tokens


def with_model(task: Brief, provider: str = "acme", **parameters: float) -> Brief:
    """The brief of a node whose model has these numbers, each a literal of the code."""
    use = ModelUse(provider, "m", parameters, "app.py:4", dict.fromkeys(parameters, PLACE), ROOM)
    return replace(task, node=node(models=(use,)))


def told(proposals) -> list:
    return [(p.parameter, p.parts, p.place) for p in proposals]


@pytest.mark.parametrize("kind", ["labels, human template", "json"])
def test_a_fixed_answer_is_asked_for_without_chance(kind):
    task = toys.BRIEFS[kind]
    assert told(temperature.propose(with_model(task, temperature=0.7))) == [("temperature", ("0",), PLACE)]
    assert told(temperature.propose(with_model(task))) == [("temperature", ("0",), ROOM)]
    assert temperature.propose(with_model(task, temperature=0.0)) == []


@pytest.mark.parametrize("kind", ["free text", "extraction", "labels, all right"])
def test_the_temperature_of_other_tasks_is_left(kind):
    assert temperature.propose(with_model(toys.BRIEFS[kind], temperature=0.7)) == []


def test_a_temperature_that_comes_from_elsewhere_is_left():
    use = ModelUse("acme", "m", {"temperature": 0.7}, "app.py:4", {}, ROOM)
    task = replace(toys.BRIEFS["labels, human template"], node=node(models=(use,)))
    assert temperature.propose(task) == []


def test_one_number_of_two_constructors_is_proposed_once_and_not_again():
    task = with_model(toys.BRIEFS["labels, human template"], temperature=0.7)
    twice = replace(task, node=node(models=task.node.models * 2))
    (idea,) = temperature.propose(twice)
    tried = (mark(idea.parts, idea.parameter, idea.place),)
    assert temperature.propose(replace(twice, tried=tried)) == []


def long_replies(wanted: str, answer: str) -> Brief:
    return brief(toys.WRITE, [seen(f"case {n}", answer, f"{wanted}{n}") for n in range(4)])


def test_the_cap_is_three_times_the_longest_wanted_answer_and_never_tiny():
    task = long_replies("a wanted answer of some twenty words or so " * 2, "word " * 400)
    ((_, (value,), place),) = told(max_tokens.propose(with_model(task)))
    assert 3 * 20 < int(value) < 3 * 40
    assert place == ROOM
    assert told(max_tokens.propose(with_model(long_replies("x", "word " * 40), max_tokens=64.0)))[0][1] == ("16",)


def test_replies_within_the_cap_need_none():
    assert max_tokens.propose(with_model(long_replies("short", "short"))) == []
    assert max_tokens.propose(with_model(long_replies("x", "word " * 40), max_tokens=12.0)) == []


def test_a_cap_that_cuts_wanted_answers_off_is_raised():
    task = long_replies("a wanted answer that is rather long " * 4, "a wanted")
    ((_, (value,), place),) = told(max_tokens.propose(with_model(task, max_tokens=8.0)))
    assert int(value) > 100
    assert place == PLACE


@pytest.mark.parametrize(("given", "name"), [({"num_predict": 900.0}, "num_predict"), ({}, "num_predict")])
def test_the_cap_has_the_name_that_the_model_knows(given, name):
    task = with_model(long_replies("short", "word " * 90), "ollama", **given)
    assert [p.parameter for p in max_tokens.propose(task)] == [name]
