"""Graphs built by functions and classes that need arguments are read as their callers call them."""

from __future__ import annotations

import pytest

from harness.discover import discover
from tests.discover.conftest import HEAD, Writer

SETUP = """
from langgraph.graph import StateGraph
from langchain_core.prompts import ChatPromptTemplate
class Setup:
    def __init__(self, llm, rule): self.llm, self.rule = llm, rule
    def build(self):
        def work(s):
            prompt = ChatPromptTemplate.from_messages([("system", self.rule), ("placeholder", "{messages}")])
            return (prompt | self.llm.bind_tools([])).invoke(s["messages"])
        builder = StateGraph(dict)
        builder.add_node("work", work)
        return builder.compile()
"""
CALLER = """
from langchain_openai import ChatOpenAI
from setup import Setup
class Desk:
    def __init__(self):
        self.setup = Setup(ChatOpenAI(model="gpt-4o"), "Sort the ticket.")
        self.graph = self.setup.build()
"""


def test_a_class_is_read_with_what_its_caller_gives_it(write: Writer) -> None:
    found = discover(write({"a_setup/setup.py": SETUP, "a_setup/desk.py": CALLER}))
    (node,) = found.nodes
    assert [m.id for m in node.models] == ["gpt-4o"]
    assert [p.parts for p in found.prompts] == [("Sort the ticket.",)]


def test_a_chain_over_a_model_that_nobody_gives_is_a_model_call(write: Writer) -> None:
    (node,) = discover(write({"setup.py": SETUP.replace("self.rule)", "'Sort the ticket.')")})).nodes
    assert (node.is_llm, node.models, len(node.prompts)) == (True, (), 1)


def test_a_graph_made_when_a_script_is_started_is_read(write: Writer) -> None:
    body = """
def work(s): return llm.invoke("Sort the ticket.")
if __name__ == "__main__":
    builder = StateGraph(dict)
    builder.add_node("work", work)
"""
    assert [n.is_llm for n in discover(write({"app.py": HEAD + body})).nodes] == [True]


def test_messages_of_one_app_do_not_reach_another(write: Writer) -> None:
    app = """
def first(s): return {{"messages": [SystemMessage(content="Rule of {0}: be brief and kind.")]}}
def second(s): return llm.invoke(s["messages"])
builder = StateGraph(dict)
builder.add_node("first", first)
builder.add_node("second", second)
"""
    root = write({"one.py": HEAD + app.format("one"), "two.py": HEAD + app.format("two")})
    prompts = {p.id: p.span.file for p in discover(root).prompts}
    seconds = [n for n in discover(root).nodes if n.name == "second"]
    assert [[prompts[name] for name in n.prompts] for n in seconds] == [["one.py"], ["two.py"]]


@pytest.mark.parametrize(
    ("made", "names"),
    [
        ("create_deep_agent(model=llm, tools=[], system_prompt='Plan the work.')", ["model"]),
        ("create_deep_agent([], 'Plan the work.')", ["model"]),
        ("create_deep_agent(llm, [], system_prompt='Plan the work.', subagents=[{'name': 'critic', "
         "'description': 'x', 'prompt': 'Find the faults.'}])", ["critic", "model"]),
    ],
)  # fmt: skip
def test_deep_agents_and_their_helpers_are_llm_nodes(write: Writer, made: str, names: list[str]) -> None:
    found = discover(write({"app.py": f"{HEAD}from deepagents import create_deep_agent\nagent = {made}\n"}))
    assert [(n.name, n.is_llm, len(n.prompts)) for n in found.nodes] == [(name, True, 1) for name in names]


def test_agents_of_a_swarm_are_listed_where_they_are_made(write: Writer) -> None:
    body = """
from langgraph_swarm import create_swarm
from langgraph.prebuilt import create_react_agent
ann = create_react_agent(llm, [], prompt="You are Ann.", name="ann")
bob = create_react_agent(llm, [], prompt="You are Bob.", name="bob")
app = create_swarm([ann, bob], default_active_agent="ann").compile()
"""
    found = discover(write({"app.py": HEAD + body}))
    assert [(n.is_llm, n.line) for n in found.nodes] == [(True, 9), (True, 10)]


def test_a_prompt_made_by_middleware_is_a_prompt(write: Writer) -> None:
    body = """
from langchain.agents import create_agent
from langchain.agents.middleware import dynamic_prompt
@dynamic_prompt
def rule(request): return "Answer in one line."
agent = create_agent(llm, tools=[], middleware=[rule])
"""
    assert [p.role for p in discover(write({"app.py": HEAD + body})).prompts] == ["system"]
