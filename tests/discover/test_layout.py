"""Texts that only give data its form are no prompts; pieces of one sum are one."""

from __future__ import annotations

import pytest

from harness.discover import discover, export_labels
from tests.discover.conftest import HEAD, TAIL, Writer

PROMPT = "Sum up the sources for the reader: {sources}"
LISTED = """
def listed(items):
    text = "From the sources:\\n"
    for item in items:
        text += f"Source {item['url']} says the following: {item['text']}\\n"
    return text
"""
JOINED = """
def listed(items):
    return "\\n".join(f"Source {item['url']} says the following: {item['text']}" for item in items)
"""


@pytest.mark.parametrize("layout", [LISTED, JOINED])
def test_the_layout_of_data_filled_into_a_prompt_is_no_prompt(write: Writer, layout: str) -> None:
    body = f"P = {PROMPT!r}\n{layout}\ndef work(s): return llm.invoke(P.format(sources=listed(s['found'])))\n"
    assert [p.id for p in discover(write({"app.py": HEAD + body + TAIL})).prompts] == ["app.py:P"]


def test_texts_sent_from_within_their_loop_are_prompts(write: Writer) -> None:
    body = """
def work(s):
    for part in s["parts"]:
        rule = f"Keep to the limit of {part['limit']} words."
        llm.invoke("Write the part. {rule}".format(rule=rule))
"""
    assert len(discover(write({"app.py": HEAD + body + TAIL})).prompts) == 2


def test_a_long_text_sent_after_its_loop_is_a_prompt(write: Writer) -> None:
    body = """
def work(s):
    messages = [SystemMessage("Answer the ticket.")]
    for part in s["parts"]:
        messages.append(HumanMessage(f"Take good care that you also answer this: {part}"))
    return llm.invoke(messages)
"""
    assert len(discover(write({"app.py": HEAD + body + TAIL})).prompts) == 2


def test_the_pieces_of_a_sum_are_named_and_exported_as_one(write: Writer) -> None:
    body = """
import time
P = "Answer the ticket.\\nToday is " + time.ctime() + ".\\nBe kind to everyone.\\n"
def work(s): return llm.invoke(P)
"""
    found = discover(write({"app.py": HEAD + body + TAIL}))
    assert [p.id for p in found.prompts] == ["app.py:P", "app.py:P:2nd piece"]
    assert len(export_labels(found)[0]["prompts"]) == 1  # type: ignore[arg-type]


def test_the_model_of_a_bare_client_is_where_it_is_named(write: Writer) -> None:
    body = """
from openai import OpenAI
NAME = "gpt-4o-mini"
client = OpenAI()
def work(s): return client.chat.completions.create(model=NAME, messages=[{"role": "user", "content": "Say hello."}])
"""
    (node,) = discover(write({"app.py": HEAD + body + TAIL})).nodes
    assert [(m.id, m.where) for m in node.models] == [("gpt-4o-mini", "app.py:8")]
