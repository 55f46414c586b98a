from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from harness.proposers import definitions, few_shot, output_format
from harness.proposers.place import digest
from tests import toys
from tests.conformance.proposer import ProposerSuite
from tests.makers import brief, prompt, seen, var, words_of


class TestFewShotConforms(ProposerSuite):
    proposer = few_shot


class TestDefinitionsConforms(ProposerSuite):
    proposer = definitions


class TestOutputFormatConforms(ProposerSuite):
    proposer = output_format


ALL = (definitions, few_shot, output_format)
LABELS = toys.BRIEFS["labels, human template"]


def added(brief, proposal) -> str:
    """What a proposal says beyond the prompt."""
    old = toys.lines(brief.prompt.parts)
    return "\n".join(line for line in toys.lines(proposal.parts) if line not in old)


@pytest.mark.parametrize("proposer", ALL)
def test_nothing_to_mend_nothing_proposed(proposer):
    assert proposer.propose(toys.BRIEFS["labels, all right"]) == []


@pytest.mark.parametrize("proposer", ALL)
def test_texts_tried_before_are_not_proposed_again(proposer):
    first = proposer.propose(LABELS)
    tried = tuple(digest(p.parts) for p in first)
    assert proposer.propose(replace(LABELS, tried=tried[:1])) == first[1:]
    assert proposer.propose(replace(LABELS, tried=tried)) == []


def test_examples_show_every_label_with_the_wanted_answer_in_the_prompts_own_words():
    wanted = {o.filled["dish"]: o.wanted for o in LABELS.observations}
    for proposal in few_shot.propose(LABELS):
        lines = added(LABELS, proposal).splitlines()
        shown = {a.removeprefix("Dish: "): b.removeprefix("Course: ") for a, b in pairwise(lines) if "Dish" in a}
        assert 3 <= len(shown) <= 12
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
    assert len(set(texts)) == len(texts) == 12


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


def test_definitions_name_what_marks_a_label_and_settle_the_confused_pair():
    full = added(LABELS, definitions.propose(LABELS)[0])
    by_label = dict(line[2:].split(": ", 1) for line in full.splitlines() if line.startswith("- ") and ": " in line)
    assert "broth" in by_label["soup"]
    assert "vinegar" in by_label["salad"]
    rule = next(line for line in full.splitlines() if "is soup, not salad" in line)
    assert "broth" in rule
    assert "vinegar" not in rule


def test_the_variants_of_definitions_are_list_alone_and_list_with_more():
    texts = [added(LABELS, p) for p in definitions.propose(LABELS)]
    listing = texts[-1]
    assert listing.count("\n") == 0
    assert all(text.startswith(listing) for text in texts)


def test_labels_that_the_prompt_names_are_not_listed_again():
    named = prompt("Sort into cake, salad or soup.\n\nDish: ", var("dish"))
    for proposal in definitions.propose(replace(LABELS, prompt=named)):
        assert "Possible labels" not in words_of(proposal.parts)


def test_definitions_that_were_kept_are_not_given_again():
    kept = replace(LABELS, prompt=replace(LABELS.prompt, parts=definitions.propose(LABELS)[0].parts))
    assert definitions.propose(kept) == []


def test_definitions_in_the_prompt_are_not_given_twice():
    defined = prompt("Courses:\n- cake: sweet\n- salad: raw\n- soup: hot\n\nDish: ", var("dish"))
    texts = [words_of(p.parts) for p in definitions.propose(replace(LABELS, prompt=defined))]
    assert texts
    assert not any("- soup: broth" in text for text in texts)
