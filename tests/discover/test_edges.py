"""Edges, conditions and tools that call a model, and texts that steer a model beside its prompts."""

import pytest

from harness.discover import discover
from harness.types import Discovery
from tests.discover.conftest import HEAD, Writer

START = f"""{HEAD}
from typing import Annotated, Literal
from pydantic import BaseModel, Field
from langchain_core.tools import tool, StructuredTool, BaseTool
from langgraph.graph import START, END
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command, Send
def a(s): return s
def b(s): return s
builder = StateGraph(dict)
"""
END = "\ngraph = builder.compile()\n"
# ruff: noqa: E501 - one app a line reads best
WIRED = {
    "plain": ("builder.add_edge(START, 'a')\nbuilder.add_edge('a', END)", {("__start__", "a", "plain", ""), ("a", "__end__", "plain", "")}),
    "several at once": ("builder.add_edge(['a', 'b'], '__end__')", {("a", "__end__", "plain", ""), ("b", "__end__", "plain", "")}),
    "points": ("builder.set_entry_point('a')\nbuilder.set_finish_point('b')", {("__start__", "a", "plain", ""), ("b", "__end__", "plain", "")}),
    "map": ("builder.add_conditional_edges('a', lambda s: 'x', {'x': 'b', 'b': 'b', 'stop': END})",
            {("a", "b", "conditional", "x"), ("a", "b", "conditional", ""), ("a", "__end__", "conditional", "stop")}),
    "list for a map": ("builder.add_conditional_edges('a', path=lambda s: s, path_map=['b', END])", {("a", "b", "conditional", ""), ("a", "__end__", "conditional", "")}),
    "literal": ("def go(s) -> Literal['b', '__end__']: ...\nbuilder.add_conditional_edges('a', go)", {("a", "b", "conditional", ""), ("a", "__end__", "conditional", "")}),
    "named literal": ("Way = Literal['b']\ndef go(s) -> Way: return s['x']\nbuilder.add_conditional_edges('a', go)", {("a", "b", "conditional", "")}),
    "returned": ("def go(s):\n    if s: return 'b'\n    return END\nbuilder.add_conditional_edges('a', go)", {("a", "b", "conditional", ""), ("a", "__end__", "conditional", "")}),
    "send": ("def go(s): return [Send('b', {}) for _ in s]\nbuilder.add_conditional_edges('a', go)", {("a", "b", "send", "")}),
    "entry by choice": ("builder.set_conditional_entry_point(lambda s: s, {'x': 'a'})", {("__start__", "a", "conditional", "x")}),
    "ready condition": ("builder.add_conditional_edges('a', tools_condition)", {("a", "tools", "conditional", ""), ("a", "__end__", "conditional", "")}),
    "sequence": ("builder.add_sequence([('c', a), ('d', b)])", {("c", "d", "plain", "")}),
    "destinations": ("builder.add_node('c', a, destinations=('b', END))", {("c", "b", "goto", ""), ("c", "__end__", "goto", "")}),
    "command": ("def c(s): return Command(goto='b' if s else END)\nbuilder.add_node(c)", {("c", "b", "goto", ""), ("c", "__end__", "goto", "")}),
    "annotated command": ("def c(s) -> Command[Literal['b']]: return jump(s)\nbuilder.add_node(c)", {("c", "b", "goto", "")}),
    "written command": ("def c(s) -> \"Command[Literal['b']]\": return jump(s)\nbuilder.add_node(c)", {("c", "b", "goto", "")}),
    "command and send": ("def c(s): return Command(goto=[Send('b', s)])\nbuilder.add_node(c)", {("c", "b", "send", "")}),
}  # fmt: skip


def read(write: Writer, body: str) -> Discovery:
    nodes = "builder.add_node('a', a)\nbuilder.add_node('b', b)\n"
    return discover(write({"app.py": f"{START}{nodes}{body}{END}"}), "app.py:graph")


@pytest.mark.parametrize(("body", "edges"), WIRED.values(), ids=WIRED.keys())
def test_edges_are_read(write: Writer, body: str, edges: set[tuple[str, str, str, str]]) -> None:
    found = read(write, body)
    assert {(e.source, e.target, e.kind, e.label) for e in found.edges} == edges
    assert {e.graph for e in found.edges} == {n.graph for n in found.nodes}
    assert not found.notes


def test_a_choice_made_at_run_time_is_said(write: Writer) -> None:
    found = read(write, "def go(s): return s['next']\nbuilder.add_conditional_edges('a', go)")
    assert not found.edges
    assert found.notes[0].endswith("where a leads is decided by go at run time")


def test_edges_of_a_subgraph_stay_with_it(write: Writer) -> None:
    inner = "inner = StateGraph(dict)\ninner.add_node('x', a)\ninner.add_edge(START, 'x')\n"
    found = read(write, f"{inner}builder.add_node('sub', inner.compile())\nbuilder.add_edge(START, 'sub')")
    node = next(n for n in found.nodes if n.name == "sub")
    (place,) = node.runs
    assert {(e.source, e.target) for e in found.edges if e.graph == place} == {("__start__", "x")}
    assert {n.name for n in found.nodes if n.graph == place} == {"x"}


def test_model_calls_in_conditions_and_tools_are_told_apart(write: Writer) -> None:
    body = (
        "def judge(s):\n    return llm.invoke([('system', 'Say which of the two comes next.')]).content\n"
        "builder.add_conditional_edges('a', judge, {'yes': 'b'})\n"
        "@tool\ndef search(q: str) -> str:\n    '''Search the shelf.'''\n    return llm.invoke('Find the best shelf.')\n"
        "def ask(s): return llm.bind_tools([search]).invoke([('system', 'Answer with care.')])\n"
        "builder.add_node('ask', ask)\nbuilder.add_node('tools', ToolNode([search]))\n"
    )
    found = read(write, body)
    condition, used = found.asides
    assert (condition.kind, condition.name, condition.nodes) == ("condition", "judge", ("a",))
    assert (used.kind, used.name, used.nodes) == ("tool", "search", ("ask",))
    assert [len(aside.calls) for aside in found.asides] == [1, 1] == [len(aside.texts) for aside in found.asides]
    assert condition.models[0].id == "gpt-4o-mini"
    assert [p.parts for p in found.prompts] == [("Answer with care.",)], "texts of asides are no prompts to be edited"


STEERING = {
    "docstring": ("@tool\ndef f(q): '''Find the thing.'''\n", "llm.bind_tools([f])", {("tool", "f", "Find the thing.")}),
    "decorator": ("@tool(description='Look it up.')\ndef f(q): '''Not sent.'''\n", "llm.bind_tools([f])", {("tool", "f", "Look it up.")}),
    "argument": ("def f(q: Annotated[str, 'What to look for']): '''Find.'''\n", "llm.bind_tools([f])", {("tool", "f", "Find."), ("argument", "f(q)", "What to look for")}),
    "schema": ("class In(BaseModel):\n    q: str = Field(description='The words.')\n@tool(args_schema=In)\ndef f(q): '''Find.'''\n", "llm.bind_tools([f])",
               {("tool", "f", "Find."), ("argument", "In.q", "The words.")}),
    "made": ("def g(q): ...\nf = StructuredTool.from_function(g, name='shelf', description='Find a book.')\n", "llm.bind_tools([f])", {("tool", "shelf", "Find a book.")}),
    "class": ("class F(BaseTool):\n    name: str = 'f'\n    description: str = 'Find a book.'\n    def _run(self, q): ...\n", "llm.bind_tools([F()])", {("tool", "F", "Find a book.")}),
    "dict": ("f = {'name': 'shelf', 'description': 'Find a book.', 'parameters': {'properties': {'q': {'description': 'The words.'}}}}\n", "llm.bind_tools([f])",
             {("tool", "shelf", "Find a book."), ("argument", "shelf.q", "The words.")}),
    "form": ("class Part(BaseModel):\n    name: str = Field(..., description='Its name.')\nclass Out(BaseModel):\n    '''What was found.'''\n    parts: list[Part]\n",
             "llm.with_structured_output(Out)", {("form", "Out", "What was found."), ("field", "Part.name", "Its name.")}),
    "typed dict": ("from typing import TypedDict\nclass Out(TypedDict):\n    mark: Annotated[int, ..., 'From 1 to 5.']\n", "llm.with_structured_output(schema=Out)", {("field", "Out.mark", "From 1 to 5.")}),
}  # fmt: skip


@pytest.mark.parametrize(("made", "bound", "texts"), STEERING.values(), ids=STEERING.keys())
def test_what_steers_a_model_beside_its_prompts(
    write: Writer, made: str, bound: str, texts: set[tuple[str, str, str]]
) -> None:
    body = f"{made}def ask(s): return {bound}.invoke([('system', 'Answer with care.')])\nbuilder.add_node('ask', ask)"
    found = read(write, body)
    assert {(s.kind, s.name, s.text) for s in found.steers} == texts
    assert {s.nodes for s in found.steers} == {("ask",)}
    lines = (START + "builder.add_node('a', a)\nbuilder.add_node('b', b)\n" + body).splitlines()
    for steer in found.steers:
        file, _, line = steer.where.partition(":")
        assert file == "app.py" and steer.text in lines[int(line) - 1]


def test_the_digest_tells_the_files_read(write: Writer) -> None:
    first = read(write, "").digest
    assert first == read(write, "").digest != read(write, "# more").digest
