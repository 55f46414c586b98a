from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.proposers.place import case_variables, digest, input_text, insert, noun, one_of
from harness.types import Variable
from tests.makers import prompt, seen, var, words_of

BLOCK = "Possible labels: a, b."
parts = st.lists(st.text(alphabet="ab: \n#`", max_size=12) | st.sampled_from([var("ticket"), var("tone")]), max_size=6)


@given(parts, st.sampled_from(["system", "human", ""]))
def test_a_block_goes_in_whole_and_nothing_else_moves(written, role):
    before = prompt(*written, role=role)
    after = insert(before, BLOCK, ["ticket"])
    assert [p for p in after if isinstance(p, Variable)] == [p for p in written if isinstance(p, Variable)]
    text = words_of(after)
    head, _, tail = text.partition(BLOCK)
    assert (head + tail).replace("\n", "") == words_of(tuple(written)).replace("\n", "")
    assert head == "" or head.endswith("\n\n") or not head.strip("\n")
    assert not tail.strip() or tail.startswith("\n\n")
    assert words_of(tuple(written)).endswith(tail[2:])


def where(*written, role="human", variables=("ticket",)) -> str:
    return words_of(insert(prompt(*written, role=role), BLOCK, variables))


def test_at_the_end_of_a_system_prompt():
    assert where("Sort tickets for ", var("shop"), ".", role="system", variables=()) == (
        "Sort tickets for {shop}.\n\n" + BLOCK
    )


def test_line_breaks_at_the_end_stay_there():
    assert where("Sort tickets.\n", role="system", variables=()) == f"Sort tickets.\n\n{BLOCK}\n"
    assert where("Sort tickets. ", role="system", variables=()) == f"Sort tickets. \n\n{BLOCK}"


def test_before_a_last_line_that_goes_on_in_another_text():
    text = prompt("Book rooms.\nToday is ", role="system", runs_on=True)
    assert words_of(insert(text, BLOCK, ())) == f"Book rooms.\n\n{BLOCK}\n\nToday is "


def test_before_the_line_that_carries_the_case():
    assert (
        where("Sort it.\nTicket: ", var("ticket"), "\nLabel:") == f"Sort it.\n\n{BLOCK}\n\nTicket: {{ticket}}\nLabel:"
    )


def test_before_the_line_that_announces_the_case():
    assert where("Sort it.\n\nTicket:\n", var("ticket")) == f"Sort it.\n\n{BLOCK}\n\nTicket:\n{{ticket}}"
    assert where("Sort it.\n<ticket>\n", var("ticket")) == f"Sort it.\n\n{BLOCK}\n\n<ticket>\n{{ticket}}"


def test_before_all_fields_of_the_case():
    text = where("Sort.\nFrom: ", var("sender"), "\nTicket: ", var("ticket"), variables=("sender", "ticket"))
    assert text.index(BLOCK) < text.index("From")


def test_a_name_in_the_greeting_is_not_the_case():
    greeting = "You help the team of " + "the returns desk, which is patient and answers within one day: "
    text = where("For ", var("sender"), ". " + greeting, var("ticket"), variables=("sender", "ticket"))
    assert text.startswith(BLOCK)
    text = where("For ", var("sender"), ". " + greeting + "\nTicket: ", var("ticket"), variables=("sender", "ticket"))
    assert text.index("returns desk") < text.index(BLOCK) < text.index("Ticket: ")


def test_the_case_is_what_differs_between_cases():
    template = prompt(var("shop"), " ", var("ticket"))
    observations = [seen(t, "a", "a", filled={"shop": "ACME", "ticket": t}) for t in ("one", "two")]
    assert case_variables(template, observations) == ("ticket",)
    assert input_text(observations[0], ("ticket",)) == "one"
    assert input_text(seen("from the human message", "a", "a"), ()) == "from the human message"


@pytest.mark.parametrize(
    "texts, inputs, said",
    [
        (["2026-11-29T06:45:13.28+00:00", "2026-11-29T07:02:59.01Z"], {}, False),
        (["9f1c0a2e-77b1-4c3d", "03ab6f5d-1b2c-9e8f"], {}, False),
        (["17", "4"], {}, False),
        (["17", "4"], {"a": 17, "b": [4]}, True),
        (["order KX-710", "order BR-711"], {}, True),
        (["", "My lamp is broken"], {}, True),
    ],
    ids=["clock", "random id", "counter", "number of the case", "identifier in words", "text"],
)
def test_what_differs_without_being_of_the_case_is_not_the_case(texts, inputs, said):
    observations = [seen("x", "a", "a", filled={"now": text}, inputs=inputs) for text in texts]
    assert case_variables(prompt("Now: ", var("now"), role="system"), observations) == (("now",) if said else ())


def test_a_case_has_its_article():
    assert [one_of("ticket"), one_of("email")] == ["a ticket", "an email"]


def test_names_are_readable():
    assert noun("state['ticket']") == "ticket"
    assert noun("state") == "state"
    assert noun("statement") == "statement"
    assert noun("customer_message") == "customer message"


def test_a_digest_is_of_the_text():
    assert digest(("ab", var("x"))) == digest(("a", "b", var("x")))
    assert digest(("ab",)) != digest(("ba",))


def test_in_a_system_prompt_before_a_case_that_ends_it_else_at_its_end():
    ends = where("Sort it.\nTicket: ", var("ticket"), "\nLabel:", role="system")
    assert ends == f"Sort it.\n\n{BLOCK}\n\nTicket: {{ticket}}\nLabel:"
    goes_on = ("Sort it.\nTicket: ", var("ticket"), "\nBe kind, and never promise what the shop cannot do.")
    assert where(*goes_on, role="system").endswith(f"cannot do.\n\n{BLOCK}")


def test_a_case_that_is_said_in_another_message_belongs_to_the_input() -> None:
    system, letter = (
        {"role": "system", "content": "The topic is water."},
        {"role": "human", "content": "Dear all: a leak."},
    )
    case = seen("x", "low", "low", messages=(system, letter), filled={"topic": "water"}, inputs={"letter": "a leak"})
    assert input_text(case, ("topic",)) == "water\nDear all: a leak."

    asked = {"role": "human", "content": "Answer, please."}
    assert input_text(replace(case, messages=(system, asked)), ("topic",)) == "water", "it is the same for every case"
    own = {"role": "human", "content": "The topic is water. a leak"}
    assert input_text(replace(case, messages=(own,)), ("topic",)) == "water", "that message is the prompt itself"
