"""Techniques of the catalogue that are heard on ``builtin``: each has its symptom, and says nothing without it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.changes import Refused, bind_parameter
from harness.literals import normal
from harness.proposers import combination, model_choice, reasoning, role, self_consistency, simplification, steps, style
from harness.proposers.combination import merged
from harness.proposers.place import lines, of_lines
from harness.types import Brief, Goal, ModelUse, Parts, Past, Repeat, Span, Variable
from tests import toys
from tests.conformance.proposer import ProposerSuite
from tests.makers import brief, node, prompt, seen, var, words_of


class TestReasoningConforms(ProposerSuite):
    proposer = reasoning


class TestStepsConforms(ProposerSuite):
    proposer = steps
    moves = True


class TestStyleConforms(ProposerSuite):
    proposer = style


class TestRoleConforms(ProposerSuite):
    proposer = role


class TestModelChoiceConforms(ProposerSuite):
    proposer = model_choice


class TestCombinationConforms(ProposerSuite):
    proposer = combination


class TestSelfConsistencyConforms(ProposerSuite):
    proposer = self_consistency


class TestSimplificationConforms(ProposerSuite):
    proposer = simplification


def sums(wrong: int) -> Brief:
    """Prices to be added up; ``wrong`` of eight answers are."""
    cases = [
        seen(
            f"A lamp costs {n + 20} and a chair {n + 50}. What do both cost?",
            str(2 * n + 70 + (n < wrong)),
            str(2 * n + 70),
        )
        for n in range(8)
    ]
    return brief(prompt("Answer with a number.\n\n", var("ticket")), cases)


def test_reasoning_is_for_what_has_to_be_worked_out_and_is_wrong() -> None:
    silent, aloud = reasoning.propose(sums(3))
    assert "numbers that stand in no case" in silent.why
    assert "answer alone" in words_of(silent.parts)
    assert "last line" in words_of(aloud.parts)
    assert reasoning.propose(sums(0)) == []
    assert reasoning.propose(toys.BRIEFS["labels, human template"]) == []
    asked = prompt("Think step by step.\n\n", var("ticket"))
    assert reasoning.propose(replace(sums(3), prompt=asked)) == []


def test_steps_number_the_instructions_of_one_paragraph_and_change_no_word() -> None:
    text = "Read the message first. Decide what it is about. Then write the label in lower case."
    cases = toys.dishes({"soup": "salad"})
    (found,) = steps.propose(brief(prompt("You help.\n\n", f"{text}\n\nDish: ", var("dish")), cases))
    assert "\n1. Read the message first.\n2. Decide what it is about.\n3. Then" in words_of(found.parts)
    assert steps.propose(brief(prompt("Read it. Sort it well please.\n", var("dish")), cases)) == []
    assert steps.propose(brief(prompt(f"{text} ", var("dish")), cases)) == [], "a line with the case is no paragraph"


def test_style_shows_wanted_replies_of_free_text_only() -> None:
    texts = [
        f"We are sorry for {thing} and will send another one."
        for thing in ("the lamp", "a chair", "it", "this", "that")
    ]
    cases = [seen(f"Complaint {n}", "no", text) for n, text in enumerate(texts)]
    shown, form = style.propose(brief(prompt("Answer: ", var("ticket")), cases))
    assert sum(f"- {text}" in words_of(shown.parts) for text in texts) == 3
    assert "words, as plain sentences" in words_of(form.parts)
    assert style.propose(toys.BRIEFS["labels, human template"]) == []
    assert style.propose(toys.BRIEFS["json"]) == []


def test_a_role_is_given_once() -> None:
    (found,) = role.propose(toys.BRIEFS["labels, human template"])
    assert words_of(found.parts).startswith("You are an experienced specialist")
    given = prompt("You are a cook.\n", var("dish"))
    assert role.propose(replace(toys.BRIEFS["labels, human template"], prompt=given)) == []


ALLOWED = ("acme:tiny", "small", "acme:large", "other:huge")
PLACE = Span("nodes.py", 5, 12, 1, 1)


@pytest.mark.parametrize(
    ("metric", "direction", "names"), [("accuracy", "higher", ["large"]), ("cost", "lower", ["tiny"])]
)
def test_models_are_taken_from_the_list_of_the_user(metric: str, direction: str, names: list[str]) -> None:
    use = ModelUse("acme", "small", {}, "nodes.py:1", {"model": PLACE}, None, "small")
    known = replace(
        sums(3), node=node(models=(use,)), models=ALLOWED, goal=Goal(metric, direction, 1.0), direction=direction
    )
    found = model_choice.propose(known)
    assert [(one.parts, one.parameter, one.place) for one in found] == [((name,), "model", PLACE) for name in names]
    assert model_choice.propose(replace(known, models=())) == []
    assert model_choice.propose(replace(known, node=node(models=(replace(use, literals={}),)))) == []


# ---- combination ---------------------------------------------------------------------------------------------------

OLD: Parts = ("Sort it.\n\nTicket: ", Variable("ticket", "{ticket}"), "\nLabel:")


def with_lines(*texts: str) -> Parts:
    return normal(("Sort it.\n\n", *(f"{text}\n\n" for text in texts), "Ticket: ", OLD[1], "\nLabel:"))


def past(id: str, gain: float, parts: Parts, end: str = "screened out") -> Past:
    return Past(f"idea {id}", "why", end, gain, id, parts)


def test_near_misses_are_joined_best_first_and_named() -> None:
    rows = (
        past("c1", 0.02, with_lines("One.")), past("c2", 0.04, with_lines("Two.")),
        past("c3", -0.01, with_lines("Three.")),
        past("c4", 0.5, with_lines("Four."), "kept"), past("c5", 0.03, ()),
    )  # fmt: skip
    (found,) = combination.propose(replace(sums(3), prompt=prompt(*OLD), past=rows))
    assert found.parents == ("c2", "c1")
    assert found.technique == "idea c2 + idea c1"
    assert words_of(found.parts) == words_of(with_lines("Two.", "One."))


def test_where_both_changed_a_line_each_has_its_turn() -> None:
    old, one, other = (("\n\n".join(rows),) for rows in (("A", "B", "C"), ("A1", "B1", "C"), ("A2", "B", "C2")))
    assert merged(old, one, other) == [("A1\n\nB1\n\nC2",), ("A2\n\nB1\n\nC2",)]


LINE = st.sampled_from(["", "One.", "Two.", "Three.", "Sort it."])


@given(st.lists(LINE, max_size=5), st.lists(LINE, max_size=5))
def test_every_child_holds_the_variables_and_is_neither_parent(first: list[str], second: list[str]) -> None:
    one, other = with_lines(*first), with_lines(*second)
    for child in merged(OLD, one, other):
        assert [part for part in child if isinstance(part, Variable)] == [OLD[1]]
        assert child not in (OLD, one, other)


@given(st.lists(LINE, max_size=5))
def test_nothing_comes_of_one_change_and_none(texts: list[str]) -> None:
    assert merged(OLD, with_lines(*texts), OLD) == merged(OLD, OLD, with_lines(*texts)) == []
    assert merged(OLD, with_lines(*texts), with_lines(*texts)) == []


# ---- simplification ------------------------------------------------------------------------------------------------

LONG = "Every dish of the house is cooked by hand from what the garden gives in that week."
MORE = "The house has stood at the lake for more than one hundred years and has many guests."
PADDED = prompt(f"Which course is this dish?\n\n{LONG}\n\n{MORE}\n\nDish: ", var("dish"), "\nCourse:")
HEARD = replace(brief(PADDED, toys.dishes({"soup": "salad"})), past=(past("c1", 0.0, ("x",)),))


def test_parts_are_left_out_together_and_one_by_one() -> None:
    both, *each = [words_of(one.parts) for one in simplification.propose(HEARD)]
    assert both == "Which course is this dish?\n\nDish: {dish}\nCourse:"
    assert sorted(each) == [
        f"Which course is this dish?\n\n{LONG}\n\nDish: {{dish}}\nCourse:",
        f"Which course is this dish?\n\n{MORE}\n\nDish: {{dish}}\nCourse:",
    ]
    assert {one.aim for one in simplification.propose(HEARD)} == {"tokens"}


def test_it_waits_for_others_and_is_kept_once() -> None:
    assert simplification.propose(replace(HEARD, past=())) == []
    done = replace(HEARD.past[0], technique="simplification", end="kept")
    assert simplification.propose(replace(HEARD, past=(*HEARD.past, done))) == []


def test_where_the_goal_is_to_spend_less_it_is_an_idea_like_others() -> None:
    cheap = replace(HEARD, past=(), goal=Goal("cost", "lower", 0.1), direction="lower")
    assert {one.aim for one in simplification.propose(cheap)} == {""}


@given(st.lists(st.text(st.sampled_from("ab \n"), max_size=9) | st.just(var("x")), max_size=6))
def test_lines_make_the_parts_again(row: list[str | Variable]) -> None:
    parts = normal(tuple(row))
    assert of_lines(lines(parts)) == parts


CALL = Span("app.py", 10, 60, 3, 4)


def uneven(answer: str, wanted: str, *, share: float = 0.5, direction: str = "higher") -> Brief:
    """Cases that are answered rightly in a share of the runs, at a node with one call."""
    cases = [seen(f"case {n}", answer, wanted, score=share) for n in range(6)]
    found = brief(prompt("Sort.\n\n", var("ticket")), cases, direction=direction)
    return replace(found, node=node(repeats=(Repeat("app.py:4", CALL),)))


def test_a_vote_is_for_short_replies_that_are_right_by_chance() -> None:
    (idea,) = self_consistency.propose(uneven("billing", "billing"))
    assert (idea.parameter, idea.parts, idea.place) == ("samples", ("5",), CALL)
    assert "6 of 6 dev cases" in idea.why
    (idea,) = self_consistency.propose(uneven('{"queue": "finance", "days": 2}', '{"queue": "finance", "days": 2}'))
    assert idea.place == CALL
    silent = [
        uneven("billing", "billing", share=0.0),  # wrong every time: a vote gives the same
        uneven("billing", "billing", share=1.0),
        uneven("billing", "billing", direction="lower"),  # four more calls better no goal to spend less
        uneven("I think that this is about an invoice, so the label is: billing", "billing"),
        uneven("A long letter. " * 9, "A long letter. " * 9),
    ]
    assert [self_consistency.propose(one) for one in silent] == [[]] * 5


def test_a_vote_where_no_call_can_be_repeated_is_proposed_to_be_refused_with_the_reason() -> None:
    found = replace(uneven("billing", "billing"), node=node(repeats=(Repeat("app.py:4", None, "it streams"),)))
    (idea,) = self_consistency.propose(found)
    with pytest.raises(Refused, match=r"does not apply to classify: app\.py:4: it streams"):
        bind_parameter(idea, found.node, (found.node,), id="c01", proposer="test")
