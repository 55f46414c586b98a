from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from harness.proposers import (
    caching,
    conciseness,
    definitions,
    edge_cases,
    few_shot,
    label_list,
    output_format,
    rules,
    split,
)
from harness.proposers.place import digest
from tests import toys
from tests.conformance.proposer import ProposerSuite
from tests.makers import brief, prompt, seen, var, words_of

ALL = (few_shot, label_list, definitions, rules, output_format, edge_cases, conciseness, split, caching)


class TestFewShotConforms(ProposerSuite):
    proposer = few_shot


class TestLabelListConforms(ProposerSuite):
    proposer = label_list


class TestDefinitionsConforms(ProposerSuite):
    proposer = definitions


class TestRulesConforms(ProposerSuite):
    proposer = rules


class TestOutputFormatConforms(ProposerSuite):
    proposer = output_format


class TestEdgeCasesConforms(ProposerSuite):
    proposer = edge_cases


class TestConcisenessConforms(ProposerSuite):
    proposer = conciseness


class TestSplitConforms(ProposerSuite):
    proposer = split
    moves = True


class TestCachingConforms(ProposerSuite):
    proposer = caching
    moves = True


LABELS = toys.BRIEFS["labels, human template"]


def added(brief, proposal) -> str:
    """What a proposal says beyond the prompt."""
    old = toys.lines(brief.prompt.parts)
    return "\n".join(line for line in toys.lines(proposal.parts) if line not in old)


@pytest.mark.parametrize("proposer", ALL)
def test_a_technique_says_what_it_is_for(proposer):
    known = proposer.TECHNIQUE
    assert 1 <= known.stars <= 5
    assert all((known.symptom, known.accuracy, known.latency, known.cost, known.reason))
    proposed = {p.technique for task in toys.BRIEFS.values() for p in proposer.propose(task)}
    assert proposed <= {known.name}


@pytest.mark.parametrize("proposer", ALL)
def test_nothing_to_mend_nothing_proposed(proposer):
    assert proposer.propose(toys.BRIEFS["labels, all right"]) == []


@pytest.mark.parametrize("proposer", ALL)
def test_texts_tried_before_are_not_proposed_again(proposer):
    task = next((t for t in toys.BRIEFS.values() if proposer.propose(t)), LABELS)
    first = proposer.propose(task)
    tried = tuple(digest(p.parts) for p in first)
    assert proposer.propose(replace(task, tried=tried[:1])) == first[1:]
    assert proposer.propose(replace(task, tried=tried)) == []


def test_examples_show_every_label_with_the_wanted_answer_in_the_prompts_own_words():
    wanted = {o.filled["dish"]: o.wanted for o in LABELS.observations}
    for proposal in few_shot.propose(LABELS):
        lines = added(LABELS, proposal).splitlines()
        shown = {a.removeprefix("Dish: "): b.removeprefix("Course: ") for a, b in pairwise(lines) if "Dish" in a}
        assert 3 <= len(shown) <= 7
        assert set(shown.values()) == {"soup", "cake", "salad"}
        assert shown.items() <= wanted.items()


def test_examples_are_like_the_cases_that_fail():
    """Two kinds of one label, only one of them fails: the example comes from that kind."""
    observations = [
        *(seen(f"the printer in room {n} jams", "office", "office") for n in range(8)),
        *(seen(f"my badge opens no door, {n} tries", "office", "access") for n in range(4)),
        *(seen(f"forgot the password for server {n}", "access", "access") for n in range(8)),
    ]
    task = brief(prompt("Sort: ", var("ticket")), observations)
    smallest = min(few_shot.propose(task), key=lambda p: len(words_of(p.parts)))
    assert "badge" in words_of(smallest.parts)


def test_examples_kept_again_and_again_stay_few_and_never_repeat():
    task = LABELS
    for _ in range(4):
        kept = few_shot.propose(task)[:1]
        task = replace(task, prompt=replace(task.prompt, parts=kept[0].parts)) if kept else task
    texts = [line for line in toys.lines(task.prompt.parts) if line.startswith("Dish: ") and "{" not in line]
    assert len(set(texts)) == len(texts) == 10
    headings = [line for line in toys.lines(task.prompt.parts) if line.lower().endswith("correct answers:")]
    assert headings == ["Examples of correct answers:", "More examples of correct answers:"]


def test_free_text_is_shown_only_where_it_scored_right():
    task = toys.BRIEFS["free text"]
    wrong = [o.answer for o in task.observations if o.score == 0.0]
    shown = words_of(few_shot.propose(task)[0].parts)
    assert not any(answer in shown for answer in wrong)


def test_free_text_gets_no_format_and_no_definitions():
    assert output_format.propose(toys.BRIEFS["free text"]) == []
    assert definitions.propose(toys.BRIEFS["free text"]) == []


def test_an_extraction_gets_the_bare_value_and_no_definitions():
    task = toys.BRIEFS["extraction"]
    assert definitions.propose(task) == []
    assert "value itself" in added(task, output_format.propose(task)[0])
    assert output_format.propose(brief(toys.EXTRACT, toys.orders("{}"))) == []


def test_json_gets_its_keys_and_types():
    line = added(toys.BRIEFS["json"], output_format.propose(toys.BRIEFS["json"])[0])
    assert '"room" (number), "name" (text)' in line


def test_definitions_name_what_marks_a_label():
    full = added(LABELS, definitions.propose(LABELS)[0])
    by_label = dict(line[2:].split(": ", 1) for line in full.splitlines() if line.startswith("- ") and ": " in line)
    assert "broth" in by_label["soup"]
    assert "vinegar" in by_label["salad"]


def test_rules_settle_the_confused_pair_in_the_words_of_the_wanted_label():
    told, short = (added(LABELS, p) for p in rules.propose(LABELS))
    line = next(line for line in told.splitlines() if "is soup, not salad" in line)
    assert "broth" in line
    assert "vinegar" not in line
    assert "soup, never salad" in short


def test_a_confusion_met_once_is_no_rule():
    once = [o for o in LABELS.observations if o.wanted != "soup"] + [seen("Broth", "salad", "soup")]
    assert rules.propose(replace(LABELS, observations=tuple(once))) == []


def test_rules_that_were_kept_are_not_given_again_in_other_words():
    for kept in rules.propose(LABELS):
        assert rules.propose(replace(LABELS, prompt=replace(LABELS.prompt, parts=kept.parts))) == []


def test_a_list_names_the_labels_and_nothing_else():
    assert [added(LABELS, p) for p in label_list.propose(LABELS)] == ["Possible labels: cake, salad, soup."]


def test_labels_that_the_prompt_names_are_not_listed_again():
    named = replace(LABELS, prompt=prompt("Sort into cake, salad or soup.\n\nDish: ", var("dish")))
    assert label_list.propose(named) == []
    assert all("possible labels" not in words_of(p.parts) for p in definitions.propose(named))


def test_definitions_that_were_kept_are_not_given_again():
    kept = replace(LABELS, prompt=replace(LABELS.prompt, parts=definitions.propose(LABELS)[0].parts))
    assert definitions.propose(kept) == []


def test_definitions_in_the_prompt_are_not_given_twice():
    defined = prompt("Courses:\n- cake: sweet\n- salad: raw\n- soup: hot\n\nDish: ", var("dish"))
    assert definitions.propose(replace(LABELS, prompt=defined)) == []


def test_examples_of_free_text_are_balanced_over_categories():
    """Answers that never recur: the case's category says what an example stands for."""
    topics = ("trains", "rooms", "meals")
    observations = [
        seen(f"{topic} number {n}", f"reply {topic} {n}", None, category=topic, score=float(n > 3))
        for topic in topics
        for n in range(8)
    ]
    for proposal in few_shot.propose(brief(toys.WRITE, observations)):
        text = words_of(proposal.parts)
        assert all(f"reply {topic}" in text for topic in topics)


def test_more_labels_than_examples_still_get_one_each():
    observations = [
        seen(f"{label} question {n}", "label9" if n else label, label)
        for label in (f"label{i}" for i in range(9))
        for n in range(4)
    ]
    for proposal in few_shot.propose(brief(prompt("Sort: ", var("ticket")), observations)):
        assert all(f"Answer: label{i}" in words_of(proposal.parts) for i in range(9))


def edge(*cases):
    """Plain cases of two labels, all right, beside the given (text, answer, wanted)."""
    plain = [
        *((f"the parcel of order {n} did not arrive here yet", "shipping", "shipping") for n in range(12)),
        *((f"the invoice number {n} shows a wrong amount of money", "billing", "billing") for n in range(12)),
    ]
    return brief(prompt("Sort: ", var("ticket")), [seen(*c) for c in (*plain, *cases)])


@pytest.mark.parametrize(
    ("cases", "rule"),
    [
        ([("", "billing", "other")] * 3, "If the ticket is empty, answer: other"),
        ([("hello", "billing", "other"), ("hi there", "shipping", "other")], "only a word or two, answer: other"),
        ([(f"nice weather on day {n} is it not", "billing", "other") for n in range(3)], "none of the other labels"),
        (
            [(f"Invoice {n} shows a wrong amount. The parcel did not arrive.", "shipping", "billing") for n in "abcd"],
            "two matters, answer for the first one",
        ),
    ],
)
def test_edge_cases_that_fail_get_the_rule_that_their_answers_agree_on(cases, rule):
    assert any(rule in words_of(p.parts) for p in edge_cases.propose(edge(*cases)))


def test_edge_cases_that_are_right_or_disagree_get_no_rule():
    assert edge_cases.propose(edge(("", "other", "other"), ("", "other", "other"), ("", "other", "other"))) == []
    assert edge_cases.propose(edge(("", "x", "billing"), ("", "x", "shipping"), ("", "x", "other"))) == []


def test_long_replies_are_cut_to_what_is_wanted():
    observations = [seen(f"case {n}", "word " * 40, "a wanted answer of seven words here") for n in range(4)]
    first = conciseness.propose(brief(toys.WRITE, observations))[0]
    assert "at most 7 words" in words_of(first.parts)
    again = replace(toys.WRITE, parts=first.parts)
    assert conciseness.propose(brief(again, observations)) == []


def test_without_wanted_answers_only_a_goal_to_spend_less_asks_for_brevity():
    observations = [seen(f"case {n}", "word " * (30 + n), None) for n in range(6)]
    assert conciseness.propose(brief(toys.WRITE, observations)) == []
    assert "at most 40 words" in words_of(conciseness.propose(brief(toys.WRITE, observations, (), "lower"))[0].parts)


def test_a_case_that_runs_on_is_marked_off():
    (proposal,) = split.propose(toys.BRIEFS["labels, case inline"])
    assert words_of(proposal.parts).endswith("Here is the dish:\n\n<dish>\n{dish}\n</dish>")
    kept = replace(toys.INLINE, parts=proposal.parts)
    assert split.propose(brief(kept, toys.dishes({"soup": "salad"}))) == []


@pytest.mark.parametrize(
    "parts",
    [
        ("You sort the dishes of a menu into courses.\nDish: ", var("dish")),
        ("Write a long and friendly letter to the cook about ", var("dish"), " and its price."),
        ("You sort the dishes of a menu into courses, first ", var("dish")),
    ],
)
def test_a_case_that_stands_apart_or_within_a_sentence_is_left(parts):
    assert split.propose(brief(prompt(*parts), toys.dishes({"soup": "salad"}))) == []


def test_the_case_moves_behind_what_is_the_same_for_all():
    (proposal,) = caching.propose(toys.BRIEFS["labels, case first"])
    text = words_of(proposal.parts)
    assert text.index("Rule 11") < text.index("Dish: {dish}")
    assert text.startswith("Which course is this dish?")
    assert text.endswith("Dish: {dish}\nCourse:")
    kept = replace(toys.FIRST, parts=proposal.parts)
    assert caching.propose(brief(kept, toys.dishes({"soup": "salad"}))) == []


def test_instructions_that_point_back_at_the_case_stay_behind_it():
    pointing = prompt("Dish: ", var("dish"), f"\n\nSort the dish above by this policy.\n{toys.POLICY}")
    assert caching.propose(brief(pointing, toys.dishes({"soup": "salad"}))) == []
