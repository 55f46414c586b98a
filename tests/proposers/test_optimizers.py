"""gepa and dspy as proposers: what they are told over a real protocol, and what becomes of what they write."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import plugins
from harness.errors import HarnessError
from harness.proposers.optimizers.instruction import instruction, proposals, seen
from harness.protocols import Spender
from harness.types import Brief, Variable
from tests import makers, toys
from tests.providers.asked import Answer
from tests.providers.server import Provider
from tests.providers.writer import writer

NEW = "Name the course of the dish in one word: soup, cake or salad."
BRIEF = toys.BRIEFS["labels, human template"]
HEAD = "Which course is this dish?"
needs_dspy = pytest.mark.skipif(importlib.util.find_spec("dspy") is None, reason="dspy is an extra of the user's")
OPTIMIZERS = ["gepa", pytest.param("dspy", marks=needs_dspy)]


def writes(text: str) -> Answer:
    """A model that writes this instruction whatever it is shown."""
    return writer(lambda shown, number: text)


def loaded(kind: str, tmp_path: Path) -> Any:
    """The proposer as a run loads it."""
    (found,) = plugins.proposers((f"{kind}:openai:toy",), tmp_path)
    return found


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_new_instruction_takes_the_place_of_the_old_and_the_case_stays(
    kind: str, serve: Callable[[Answer], Provider], tmp_path: Path
) -> None:
    served, proposer = serve(writes(NEW)), loaded(kind, tmp_path)
    found = proposer.propose(BRIEF)
    assert makers.words_of(found[0].parts) == f"{NEW}\n\nDish: {{dish}}\nCourse:"
    assert sum(makers.words_of(one.parts).startswith(NEW) for one in found) == 1, "the same text twice is one idea"
    assert f"{kind}:openai:toy" == proposer.NAME
    assert isinstance(proposer, Spender)
    calls = proposer.drain()
    assert len(calls) == len(served.asked) > 1
    assert all(call.tokens_in and call.tokens_out for call in calls)
    told = "\n".join(asked.prompt for asked in served.asked)
    assert HEAD in told
    assert not any(o.case in told for o in BRIEF.observations if o.case not in o.filled["dish"])


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_what_loses_a_variable_or_changes_nothing_is_no_idea(
    kind: str, serve: Callable[[Answer], Provider], tmp_path: Path
) -> None:
    where = Variable("place", "{place}")
    brief = replace(BRIEF, prompt=makers.prompt("You work at ", where, ".\n\nDish: ", makers.var("dish")))
    serve(writes(NEW))
    assert not [one for one in loaded(kind, tmp_path).propose(brief) if makers.words_of(one.parts).startswith(NEW)]
    serve(writes("You cook at [[1: place]]."))
    (found, *_) = loaded(kind, tmp_path).propose(brief)
    assert found.parts == ("You cook at ", where, ".\n\nDish: ", makers.var("dish"))
    serve(writes("You work at [[1: place]]."))
    assert not [p for p in loaded(kind, tmp_path).propose(brief) if p.technique.endswith(("reflection", "instruction"))]


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_model_that_may_not_be_asked_again_ends_it(
    kind: str, serve: Callable[[Answer], Provider], tmp_path: Path
) -> None:
    served, proposer = serve(writes(NEW)), loaded(kind, tmp_path)
    proposer.speaker.most = 2
    for _ in range(3):
        proposer.propose(BRIEF)
    assert len(served.asked) == len(proposer.drain()) == 2


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_nothing_wrong_costs_nothing(kind: str, serve: Callable[[Answer], Provider], tmp_path: Path) -> None:
    served, proposer = serve(writes(NEW)), loaded(kind, tmp_path)
    assert proposer.propose(toys.BRIEFS["labels, all right"]) == []
    assert not served.asked


@needs_dspy
def test_demonstrations_of_dspy_are_solved_cases(serve: Callable[[Answer], Provider], tmp_path: Path) -> None:
    serve(writes(NEW))
    found = [one for one in loaded("dspy", tmp_path).propose(BRIEF) if one.technique == "dspy demos"]
    right = {o.filled["dish"]: o.wanted for o in BRIEF.observations}
    assert found
    for one in found:
        shown = re.findall(r"Dish: (.+)\nCourse: (.+)", makers.words_of(one.parts))
        assert len(shown) >= 2
        assert all(right[dish] == course for dish, course in shown)


@pytest.mark.parametrize("kind", ["gepa", "dspy"])
def test_a_model_must_be_named_and_a_package_that_lacks_is_told(kind: str, tmp_path: Path) -> None:
    installed = importlib.util.find_spec(kind) is not None
    with pytest.raises(HarnessError) as caught:
        plugins.proposers((kind,), tmp_path)
    assert ("names no model" if installed else f"pip install {kind}") in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("brief", toys.BRIEFS.values(), ids=toys.BRIEFS)
def test_the_instruction_and_its_rest_are_the_whole_prompt(brief: Brief) -> None:
    head, rest = instruction(brief)
    assert proposals(brief, "t", "w", [head]) == [], "the same instruction changes nothing"
    (found,) = proposals(brief, "t", "w", [f"{head} Be careful."])
    assert [p for p in found.parts if isinstance(p, Variable)] == [
        p for p in brief.prompt.parts if isinstance(p, Variable)
    ]
    assert makers.words_of(found.parts).replace(" Be careful.", "", 1) == makers.words_of(brief.prompt.parts)
    assert rest == "" or rest.startswith(("\n", " "))


def test_feedback_says_what_was_wanted_only_where_the_reply_was_not_right() -> None:
    for case in seen(BRIEF):
        assert ("The right reply is" in case.feedback) == (case.good is not True)
