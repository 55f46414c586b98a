"""The text generator keeps its two halves apart, its prompts tell what its answers follow, its encoding is exact."""

import json
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("tokenizers")

from tokenizers import Tokenizer

from harness.models.recipe.company import CONVENTION, LABELS, POLICY, draw_tickets, expected_answer, make_cases
from harness.models.recipe.drills import KINDS, drill
from harness.models.recipe.episodes import classify_episode
from harness.models.recipe.mixture import draw
from harness.models.recipe.policy import QUEUES, route_episode
from harness.models.recipe.speech import Speaker, is_held_out, parse
from harness.models.recipe.tickets import core_of, template_id
from harness.models.recipe.topics import AMBIGUOUS, CLEAR, TOPICS

ROOT = Path(__file__).parents[2]
CASES = [json.loads(line) for line in (ROOT / "evals" / "cases.jsonl").read_text().splitlines()]


def test_a_speaker_stays_in_its_half() -> None:
    pattern = "[a|b|c|d] [e|f|g|h] [i|j|k|l]"
    for held_out in (False, True):
        speaker = Speaker(Random(1), held_out)
        assert all(is_held_out(speaker.say(pattern)) is held_out for _ in range(200))


def test_a_pattern_with_too_few_branches_is_refused_in_words() -> None:
    with pytest.raises(LookupError, match="only this"):
        Speaker(Random(1), held_out=not is_held_out("only this")).say("only this")


def test_unbalanced_brackets_are_refused() -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        parse("[a|b")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_each_topic_has_wordings_in_both_halves(topic: object) -> None:
    for held_out in (False, True):
        speaker = Speaker(Random(2), held_out)
        assert len({core_of(speaker, topic) for _ in range(100)}) >= 4  # type: ignore[arg-type]


def test_no_template_of_a_case_is_ever_said_in_training() -> None:
    speaker = Speaker(Random(3))
    trained = {template_id(topic, core_of(speaker, topic)) for topic in TOPICS for _ in range(300)}
    assert len(trained) > 2000
    assert trained.isdisjoint(case["metadata"]["template"] for case in CASES)


def test_no_case_text_occurs_in_training_episodes() -> None:
    """Short texts are left out: a word lost in augmentation can turn "until when can I ..." into "when can I ..."."""
    speaker = Speaker(Random(4))
    text = "\n".join(turn.text for _ in range(1500) for turn in draw(speaker).turns).lower()
    tickets = {case["id"]: case["input"]["ticket"].lower().rstrip(".!?") for case in CASES}
    assert sum(len(ticket.split()) >= 10 for ticket in tickets.values()) > 150
    assert not [name for name, ticket in tickets.items() if len(ticket.split()) >= 10 and ticket in text]


def test_the_committed_cases_are_what_the_script_makes() -> None:
    assert make_cases(7, 240) == CASES


def test_the_cases_cover_what_they_should() -> None:
    share = {
        level: sum(case["difficulty"] == level for case in CASES) / len(CASES) for level in ("easy", "medium", "hard")
    }
    assert 0.4 <= share["easy"] <= 0.5 and 0.3 <= share["medium"] <= 0.4 and 0.1 <= share["hard"] <= 0.2
    for label in LABELS:
        assert 0.1 <= sum(case["category"] == label for case in CASES) / len(CASES) <= 0.3
    assert len({case["id"] for case in CASES}) == len({case["input"]["ticket"] for case in CASES}) == len(CASES)
    assert all(case["expected_answer"] == expected_answer(case["expected_intent"]) for case in CASES)


def test_the_company_is_whole() -> None:
    assert set(CONVENTION) == {topic.name for topic in AMBIGUOUS}
    assert all(CONVENTION[topic.name] in topic.intents for topic in AMBIGUOUS)
    assert set(POLICY) == set(LABELS) == {topic.intents[0] for topic in CLEAR}
    assert {row.queue for row in POLICY.values()} <= set(QUEUES)


def test_fresh_cases_differ_from_the_committed_ones() -> None:
    fresh = {one.text for _, one in draw_tickets(1001, 200)}
    assert len(fresh) == 200
    assert len(fresh & {case["input"]["ticket"] for case in CASES}) < 20


def test_episodes_are_chats_that_end_with_an_answer() -> None:
    speaker = Speaker(Random(5))
    makers = [classify_episode, route_episode, *(lambda s, kind=kind: drill(s, kind) for kind in KINDS)]
    for make in makers:
        for _ in range(50):
            roles = [turn.role for turn in make(speaker).turns]
            assert roles[-1] == "assistant"
            assert roles[1 if roles[0] == "system" else 0 :: 2] == ["user"] * roles.count("user")


def test_no_slot_is_left_open() -> None:
    speaker = Speaker(Random(6))
    slots = (
        "<item>",
        "<gist>",
        "<label_word>",
        "<thing>",
        "<things>",
        "<other>",
        "<queue>",
        "<days>",
        "<key>",
        "<prefix>",
        "<d>",  # and with it "<q>", which is also a tag that examples wear
    )
    text = "\n".join(turn.text for _ in range(800) for turn in draw(speaker).turns).lower()
    assert not [slot for slot in slots if slot in text]


def test_answers_to_tickets_of_a_shown_label_list_are_in_the_prompt() -> None:
    speaker = Speaker(Random(7))
    for _ in range(300):
        episode = classify_episode(speaker)
        if episode.kind == "classify_label" and episode.turns[0].role == "system":
            answers = [turn.text for turn in episode.turns if turn.role == "assistant"]
            listed = [answer in episode.turns[0].text for answer in answers]
            assert all(listed) or len(episode.turns[0].text) < 2000


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(ROOT / "harness" / "models" / "embedded" / "tokenizer.json"))


@pytest.mark.parametrize(
    "text",
    [
        '{"queue": "finance", "days": 13}',
        "billing",
        "The night_shift queue will answer within 3 days.",
        "Label: tech_support",
    ],
)
def test_answers_survive_encoding(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(f" {text}").ids) == text


@pytest.mark.parametrize(
    "layout",
    ["- billing: x", "billing: x", '"billing"', "(billing)", "`billing`", "**billing**", "a\nbilling", "<billing>"],
)
def test_a_label_is_one_and_the_same_token_in_every_layout(tokenizer: Tokenizer, layout: str) -> None:
    ids = tokenizer.encode(" billing").ids
    assert len(ids) == 1
    assert ids[0] in tokenizer.encode(f" {layout}").ids
