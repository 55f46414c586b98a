"""What a recorded run proves, and what it takes back."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.discover import confirm, fill, reached
from harness.discover.align import locate
from harness.types import Call, Discovery, Node, Parts, Prompt, Span, Variable

TICKET = Variable("ticket", "{ticket}")
WORDS = st.text(alphabet="abc {}\n", max_size=8)


def prompt(name: str, parts: Parts, *nodes: str, proof: str = "likely") -> Prompt:
    return Prompt(name, Span("p.py", 0, 1, 1, 1), "constant", "plain", "", parts, nodes or ("work",), proof)


def found(*prompts: Prompt) -> Discovery:
    names = dict.fromkeys(node for p in prompts for node in p.nodes)
    nodes = tuple(
        Node(n, "g.py", 1, n, "n.py", 1, 2, True, "calls", prompts=tuple(p.id for p in prompts if n in p.nodes))
        for n in names
    )
    return Discovery("g.py:graph", nodes, prompts)


def call(node: str, *messages: tuple[str, object]) -> Call:
    sent: tuple[Mapping[str, object], ...] = tuple({"role": role, "content": content} for role, content in messages)
    return Call("k", node, 1, 0, "m", sent, {}, "reply", {}, None, None, 0.1)


def proofs(discovery: Discovery) -> dict[str, str]:
    return {p.id: p.proof for p in discovery.prompts}


def test_a_text_that_was_sent_is_proved_with_its_role() -> None:
    before = found(prompt("A", ("Sort ", TICKET, " into two classes.")), prompt("B", ("Answer in words.",)))
    after = confirm(before, [call("work", ("system", "Sort my bill into two classes."), ("user", "hi"))])
    assert proofs(after) == {"A": "proved", "B": "unresolved"}
    assert after.prompts[0].role == "system"
    assert after.prompts[1].reason == "did not reach the model in the recorded run"


def test_texts_joined_in_one_message_are_all_proved() -> None:
    before = found(prompt("A", ("Sort the ticket.",)), prompt("B", ("Answer in words.",)))
    after = confirm(before, [call("work", ("system", "Sort the ticket.\n\nAnswer in words.\nThanks."))])
    assert proofs(after) == {"A": "proved", "B": "proved"}


def test_a_text_that_another_one_continues_on_its_line_is_told_from_one_that_ends() -> None:
    first, second = prompt("a", ("Book a room. Today is ",)), prompt("b", ("Be brief please.\n",))
    proved = confirm(found(first, second), [call("work", ("system", f"{first.text}Monday\n{second.text}Amen"))])
    assert {p.id: (p.proof, p.runs_on) for p in proved.prompts} == {"a": ("proved", True), "b": ("proved", False)}


@pytest.mark.parametrize(
    "sent", ["Sort  the ticket.", "sort the ticket.", "Sort the", "Answer in words. Sort the tickets."]
)
def test_the_text_must_be_exact(sent: str) -> None:
    after = confirm(found(prompt("A", ("Sort the ticket. ", TICKET, "Answer"))), [call("work", ("system", sent))])
    assert proofs(after) == {"A": "unresolved"}
    assert any("no text found explains a system message" in note for note in after.notes)


def test_a_node_that_made_no_call_proves_nothing() -> None:
    after = confirm(found(prompt("A", ("Sort the ticket.",), "other")), [call("work", ("user", "hi"))])
    assert (after.prompts[0].proof, after.prompts[0].reason) == (
        "likely",
        "its node made no model call in the recorded run",
    )


def test_twins_of_one_node_cannot_be_told_apart() -> None:
    before = found(prompt("A", ("Sort the ticket.",)), prompt("B", ("Sort the ticket.",)))
    after = confirm(before, [call("work", ("system", "Sort the ticket."))])
    assert proofs(after) == {"A": "likely", "B": "likely"}
    assert after.prompts[0].reason == "the same text stands at p.py:1; the run cannot tell which one is read"
    assert all(prompt.is_editable for prompt in after.prompts)


def test_a_place_that_the_reading_does_not_follow_keeps_a_sent_text_from_being_proved() -> None:
    before = found(replace(prompt("A", ("Sort the ticket.",)), twin="seed.json:3"))
    sent = confirm(before, [call("work", ("system", "Sort the ticket."))]).prompts[0]
    assert (sent.proof, sent.is_editable, sent.role) == ("likely", True, "system")
    assert sent.reason == "the same text stands at seed.json:3; the run cannot tell which one is read"
    silent = confirm(before, [call("other", ("system", "Sort the ticket first."))]).prompts[0]
    assert (silent.proof, silent.is_editable) == ("likely", False)


def test_twins_of_two_nodes_are_told_apart_by_the_node() -> None:
    before = found(prompt("A", ("Sort the ticket.",), "work"), prompt("B", ("Sort the ticket.",), "other"))
    after = confirm(
        before, [call("work", ("system", "Sort the ticket.")), call("other", ("system", "Hello you there."))]
    )
    assert proofs(after) == {"A": "proved", "B": "unresolved"}


def test_a_piece_of_a_longer_text_is_not_proved_by_it() -> None:
    before = found(prompt("A", ("Sort the ticket.",)), prompt("B", ("Sort the ticket. Answer in one word.",)))
    after = confirm(before, [call("work", ("system", "Sort the ticket. Answer in one word."))])
    assert proofs(after) == {"A": "unresolved", "B": "proved"}


def test_the_recording_wins_over_the_static_reading() -> None:
    before = found(prompt("A", ("Sort the ticket now.",), "work"))
    silent = replace(before.nodes[0], name="carrier", is_llm=False, prompts=())
    after = confirm(
        replace(before, nodes=(*before.nodes, silent)), [call("carrier", ("system", "Sort the ticket now."))]
    )
    assert after.prompts[0].nodes == ("work", "carrier")
    assert after.nodes[1].is_llm and after.nodes[1].prompts == ("A",)


def test_what_was_unresolved_stays_so_and_a_word_alone_proves_nothing() -> None:
    before = found(prompt("A", ("Sort the ticket.",), proof="unresolved"), prompt("B", ("ticket",)))
    after = confirm(before, [call("work", ("system", "Sort the ticket."))])
    assert proofs(after) == {"A": "unresolved", "B": "unresolved"}
    after = confirm(found(prompt("B", ("Continue",))), [call("work", ("user", "Continue"))])
    assert (after.prompts[0].proof, after.prompts[0].role) == ("proved", "human")


def test_stripped_and_dedented_texts_are_recognised() -> None:
    before = found(
        prompt(
            "A",
            (
                "\n    Sort this:\n      ",
                TICKET,
                "\n    Be kind.\n",
            ),
        )
    )
    after = confirm(before, [call("work", ("system", "Sort this:\n  my bill\nBe kind."))])
    assert proofs(after) == {"A": "proved"}
    assert fill(after.prompts[0], [{"role": "system", "content": "Sort this:\n  my bill\nBe kind."}]) == {
        "ticket": "my bill"
    }


def test_blocks_of_text_count() -> None:
    blocks = [{"type": "text", "text": "Sort the ticket."}, {"type": "image_url", "image_url": "x"}]
    assert proofs(confirm(found(prompt("A", ("Sort the ticket.",))), [call("work", ("system", blocks))])) == {
        "A": "proved"
    }


def test_fill_prefers_the_message_that_is_the_prompt_and_nothing_else() -> None:
    text = prompt("A", ("Sort ", TICKET))
    messages = [{"role": "user", "content": "Please Sort it"}, {"role": "system", "content": "Sort my bill"}]
    assert fill(text, messages) == {"ticket": "my bill"}
    assert fill(text, [{"role": "user", "content": "nothing"}]) is None


@given(values=st.lists(WORDS, min_size=2, max_size=2), pieces=st.lists(WORDS, min_size=3, max_size=3))
def test_parts_are_found_in_what_they_make(values: list[str], pieces: list[str]) -> None:
    variables = [Variable("a", "{a}"), Variable("b", "{b}")]
    parts = (f"<1>{pieces[0]}", variables[0], f"<2>{pieces[1]}", variables[1], f"<3>{pieces[2]}")
    text = f"<1>{pieces[0]}{values[0]}<2>{pieces[1]}{values[1]}<3>{pieces[2]}"
    match = locate(parts, text)
    assert match is not None and match.whole
    assert [held for _, held in match.values] == values
    assert locate(parts, f"before {text} after") is not None
    assert locate(parts, text.replace("<2>", "")) is None


def test_a_change_took_effect_only_where_the_node_sent_it() -> None:
    new = ("Sort the ticket into a or b.",)
    calls = [call("work", ("system", "Sort the ticket.")), call("other", ("system", new[0]))]
    assert not reached(new, calls, "work")
    assert reached(new, calls, "other")
    assert reached(new, calls, "agent that speaks under another name")
