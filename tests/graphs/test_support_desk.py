"""The sample app with scripted models in place of real ones: what flows where, and what is found in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from graphs.support_desk import nodes, prompts
from graphs.support_desk.graph import graph
from harness.discover import discover

ROOT = Path(__file__).parents[2]
CASES = [json.loads(line) for line in (ROOT / "evals/cases.jsonl").read_text().splitlines()]


def scripted(monkeypatch, name: str, reply: str) -> None:
    monkeypatch.setattr(nodes, name, GenericFakeChatModel(messages=iter([AIMessage(reply)])))


@pytest.mark.parametrize(("ticket", "priority"), [("Answer me today!", "urgent"), ("No hurry.", "normal")])
def test_a_ticket_gets_label_priority_and_queue(monkeypatch, ticket, priority):
    scripted(monkeypatch, "classifier", " billing\n")
    scripted(monkeypatch, "router", '{"queue": "finance", "days": 2}')
    assert graph.invoke({"ticket": ticket}) == {
        "ticket": ticket,
        "intent": "billing",
        "priority": priority,
        "answer": '{"queue": "finance", "days": 2}',
    }


def test_a_chatty_reply_is_kept_as_it_is(monkeypatch):
    scripted(monkeypatch, "classifier", "I think this is about billing.")
    scripted(monkeypatch, "router", "?")
    assert graph.invoke({"ticket": "x"})["intent"] == "I think this is about billing."


def test_the_prompts_name_what_the_cases_expect():
    """Labels and policy of the app and of its cases are one: else no prompt could ever be right."""
    for case in CASES:
        expected = json.loads(case["expected_answer"])
        assert case["expected_intent"] in prompts.CLASSIFY_PROMPT
        row = f"- {case['expected_intent']}: queue {expected['queue']}, {expected['days']} days"
        assert row in prompts.ROUTE_PROMPT


def test_its_nodes_and_prompts_are_found():
    entry = json.loads((ROOT / "langgraph.json").read_text())["graphs"]["support_desk"]
    found = discover(ROOT, entry.removeprefix("./"))
    assert {n.name: n.is_llm for n in found.nodes} == {"classify": True, "prioritise": False, "route": True}
    named = {p.id.rpartition(":")[2]: p.nodes for p in found.prompts}
    assert named["CLASSIFY_PROMPT"] == ("classify",)
    assert named["ROUTE_PROMPT"] == ("route",)
