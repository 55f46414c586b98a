"""What the static reading finds in the ways people write LangGraph apps."""

import pytest

from harness.discover import discover
from harness.types import Discovery, Prompt
from tests.discover.conftest import HEAD, TAIL, Writer

SYSTEM = "Sort the ticket into billing or other."


def one_prompt(found: Discovery) -> Prompt:
    assert [p.proof for p in found.prompts] == ["likely"], found.prompts
    return found.prompts[0]


# ruff: noqa: E501 - one app a line reads best
BODIES = {
    "constant": f"P = {SYSTEM!r}\ndef work(s): return llm.invoke([SystemMessage(content=P)])",
    "positional": f"P = {SYSTEM!r}\ndef work(s): return llm.invoke([SystemMessage(P)])",
    "pair": f"def work(s): return llm.invoke([('system', {SYSTEM!r})])",
    "dict": f"def work(s): return llm.invoke([{{'role': 'system', 'content': {SYSTEM!r}}}])",
    "blocks": f"def work(s): return llm.invoke([SystemMessage([{{'type': 'text', 'text': {SYSTEM!r}}}])])",
    "async": f"async def work(s): return (await llm.ainvoke([('system', {SYSTEM!r})])).content",
    "stream": f"def work(s):\n    for chunk in llm.stream([('system', {SYSTEM!r})]): print(chunk)",
    "batch": f"def work(s): return llm.batch([[('system', {SYSTEM!r})] for t in s['texts']])",
    "append": f"def work(s):\n    m = []\n    m.append(('system', {SYSTEM!r}))\n    m += s['messages']\n    llm.invoke(m)",
    "concatenated": f"def work(s): return llm.invoke([SystemMessage(content={SYSTEM!r})] + s['messages'])",
    "starred": f"def work(s): return llm.invoke([SystemMessage(content={SYSTEM!r}), *s['messages']])",
    "dedent": f"import textwrap\nP = textwrap.dedent('''\\\n    {SYSTEM}''')\ndef work(s): return llm.invoke([('system', P)])",
    "stripped": f"P = {SYSTEM!r}.strip()\ndef work(s): return llm.invoke([('system', P)])",
    "structured": f"def work(s): return llm.with_structured_output(dict).invoke([('system', {SYSTEM!r})])",
    "tools": f"bound = llm.bind_tools([print])\ndef work(s): return bound.invoke([('system', {SYSTEM!r})])",
    "chain": f"chain = ChatPromptTemplate.from_messages([('system', {SYSTEM!r})]) | llm | str\n"
    "def work(s): return chain.invoke({})",
    "sequence": "from langchain_core.runnables import RunnableLambda, RunnableSequence\n"
    f"def make(s): return [SystemMessage(content={SYSTEM!r})] + s['messages']\n"
    "def work(s): return RunnableSequence(RunnableLambda(make), llm).invoke(s)",
    "model by annotation": "from langchain_core.language_models import BaseChatModel\nfrom broken import get_model\n"
    f"def ask(model: BaseChatModel): return model.invoke([('system', {SYSTEM!r})])\n"
    "def work(s): return ask(get_model()) or llm.invoke(s)",
    "pipe": f"def work(s): return ChatPromptTemplate.from_messages([('system', {SYSTEM!r})]).pipe(llm).invoke({{}})",
    "formatted": f"T = ChatPromptTemplate.from_messages([('system', {SYSTEM!r})])\n"
    "def work(s): return llm.invoke(T.format_messages())",
    "helper": f"def ask(text): return llm.invoke([('system', text)])\ndef outer(t): return ask(t)\n"
    f"def work(s): return outer({SYSTEM!r})",
    "default": f"def ask(text={SYSTEM!r}): return llm.invoke([('system', text)])\ndef work(s): return ask()",
    "closure": f"def make(text):\n    def inner(s): return llm.invoke([('system', text)])\n    return inner\n"
    f"work = make({SYSTEM!r})",
    "partial": "from functools import partial\ndef ask(s, text): return llm.invoke([('system', text)])\n"
    f"work = partial(ask, text={SYSTEM!r})",
    "lambda": f"work = lambda s: llm.invoke([('system', {SYSTEM!r})])",
    "method": f"class Nodes:\n    text = {SYSTEM!r}\n    def __init__(self): self.model = llm\n"
    "    def run(self, s): return self.model.invoke([('system', self.text)])\nwork = Nodes().run",
    "callable": f"class Work:\n    def __call__(self, s): return llm.invoke([('system', {SYSTEM!r})])\nwork = Work()",
    "dict of functions": f"def ask(s): return llm.invoke([('system', {SYSTEM!r})])\nTABLE = {{'a': ask}}\nwork = TABLE['a']",
    "dict of prompts": f"P = {{'sort': {SYSTEM!r}}}\ndef work(s): return llm.invoke([('system', P['sort'])])",
    "config default": "from dataclasses import dataclass, field\n@dataclass\nclass Config:\n"
    f"    text: str = field(default={SYSTEM!r})\n"
    "def work(s, config): return llm.invoke([('system', Config().text)])",
    "threads": f"import asyncio\nasync def work(s): return await asyncio.to_thread(llm.invoke, [('system', {SYSTEM!r})])",
    "branches": f"def work(s):\n    m = []\n    if s: m = [('system', {SYSTEM!r})]\n    else: return None\n    return llm.invoke(m)",
    "try": f"def work(s):\n    try: return llm.invoke([('system', {SYSTEM!r})])\n    except ValueError: return None",
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_system_text_is_found(write: Writer, body: str) -> None:
    found = discover(write({"app.py": f"{HEAD}{body}\n{TAIL}", "broken.py": "x = ("}), "app.py:graph")
    node, prompt = found.nodes[0], one_prompt(found)
    assert node.is_llm and node.prompts == (prompt.id,) and prompt.nodes == ("work",)
    assert [str(part).strip() for part in prompt.parts] == [SYSTEM]
    assert (prompt.role, prompt.template) == ("system", "format" if "Template" in body else "plain")
    use = node.models[0]
    assert (use.provider, use.id, use.parameters) == ("openai", "gpt-4o-mini", {"temperature": 0.2})


def test_the_span_holds_the_literal_with_its_quotes(write: Writer) -> None:
    root = write({"app.py": f"# ünïcode\n{HEAD}P = ('Sort this — ü '\n  'well.')\ndef work(s): llm.invoke(P)\n{TAIL}"})
    prompt = one_prompt(discover(root, "app.py:graph"))
    raw = (root / "app.py").read_bytes()[prompt.span.start : prompt.span.end].decode()
    assert raw == "'Sort this — ü '\n  'well.'"
    assert (prompt.id, prompt.role, prompt.span.end_line - prompt.span.line) == ("app.py:P", "human", 1)


@pytest.mark.parametrize(
    ("text", "template", "variables"),
    [
        ("f'Sort {s[\"x\"]} now'", "fstring", ("{s[\"x\"]}",)),
        ("'Sort {x} now {{a}}'.format(x=s['x'])", "format", ("{x}",)),
        ("P.format(x=1)", "format", ("{x!r}",)),
    ],
)  # fmt: skip
def test_variables_keep_their_source(write: Writer, text: str, template: str, variables: tuple[str, ...]) -> None:
    body = f"P = 'Sort the {{x!r}}.'\ndef work(s): return llm.invoke({text})"
    prompt = one_prompt(discover(write({"app.py": f"{HEAD}{body}\n{TAIL}"}), "app.py:graph"))
    assert prompt.template == template
    assert tuple(p.source for p in prompt.parts if not isinstance(p, str)) == variables


def test_a_prompt_two_imports_away_tells_its_way(write: Writer) -> None:
    root = write(
        {
            "src/app/prompts/texts.py": f"SORT = {SYSTEM!r}\n",
            "src/app/prompts/__init__.py": "from .texts import SORT\n",
            "src/app/models.py": "from langchain.chat_models import init_chat_model\n"
            "def get_model(): return init_chat_model('anthropic:claude-x', temperature=0, max_tokens=10)\n",
            "src/app/nodes/sorting.py": "from app.models import get_model\nfrom app import prompts\n"
            "def sort(state): return get_model().invoke([('system', prompts.SORT), ('user', state['x'])])\n",
            "src/app/nodes/__init__.py": "",
            "src/app/__init__.py": "",
            "src/app/graph.py": "from langgraph.graph import StateGraph\nfrom app.nodes.sorting import sort\n"
            "def build():\n    g = StateGraph(dict)\n    g.add_node(sort)\n    return g.compile()\n",
        }
    )
    found = discover(root, "src/app/graph.py:build")
    node, prompt = found.nodes[0], one_prompt(found)
    assert (node.name, node.file, node.first_line) == ("sort", "src/app/nodes/sorting.py", 3)
    assert node.models[0].where == "src/app/models.py:2"
    assert (node.models[0].provider, node.models[0].id) == ("anthropic", "claude-x")
    assert node.models[0].parameters == {"temperature": 0, "max_tokens": 10}
    assert prompt.id == "src/app/prompts/texts.py:SORT"
    assert [hop.split()[0] for hop in prompt.hops] == [
        "src/app/prompts/texts.py:1", "src/app/prompts/__init__.py:1", "src/app/nodes/sorting.py:3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "reading",
    [
        "(Path(__file__).parent / 'texts' / 'sort.md').read_text(encoding='utf-8')",
        "open(os.path.join(os.path.dirname(__file__), 'texts', 'sort.md')).read()",
        "load('sort')",
        "open('app/texts/sort.md').read().strip()",
    ],
)
def test_a_prompt_file_is_found(write: Writer, reading: str) -> None:
    body = f"""import os
from pathlib import Path
def load(name):
    with open(Path(__file__).resolve().parent / f"texts/{{name}}.md") as handle:
        return handle.read()
P = {reading}
def work(s): return llm.invoke([("system", P)])
"""
    root = write({"app/graph.py": f"{HEAD}{body}{TAIL}", "app/texts/sort.md": f"{SYSTEM}\n"})
    prompt = one_prompt(discover(root, "app/graph.py:graph"))
    assert (prompt.id, prompt.kind, prompt.template) == ("app/texts/sort.md", "file", "plain")
    assert (prompt.span.start, prompt.span.end, prompt.parts) == (0, len(SYSTEM) + 1, (f"{SYSTEM}\n",))


def test_nodes_in_a_loop_a_sequence_and_a_subgraph_are_all_listed(write: Writer) -> None:
    body = f"""
def first(s): return llm.invoke([("system", {SYSTEM!r})])
def second(s): return s
inner = StateGraph(dict)
inner.add_node("deep", lambda s: llm.invoke("Say hello to the user."))
builder = StateGraph(dict)
for name, function in {{"a": first, "b": second}}.items():
    builder.add_node(name, function)
builder.add_node("sub", inner.compile()).add_sequence([("c", second), first])
builder.add_node("mystery", getattr(builder, "unknown"))
graph = builder.compile()
"""
    found = discover(write({"app.py": HEAD + body}), "app.py:graph")
    assert [(n.name, n.is_llm) for n in found.nodes] == [
        ("a", True), ("b", False), ("sub", False), ("c", False), ("first", True), ("mystery", False), ("deep", True),
    ]  # fmt: skip
    assert found.nodes[2].why.startswith("runs the subgraph")
    assert {p.nodes for p in found.prompts} == {("a", "first"), ("deep",)}


def test_prebuilt_agents_are_llm_nodes_with_their_prompt(write: Writer) -> None:
    body = f"""
from langchain.agents import create_agent
agent = create_agent("openai:gpt-4o", tools=[], system_prompt={SYSTEM!r})
builder = StateGraph(dict)
builder.add_node("helper", agent)
graph = builder.compile()
"""
    root = write({"app.py": HEAD + body})
    found = discover(root, "app.py:graph")
    assert (found.nodes[0].name, found.nodes[0].is_llm) == ("helper", True)
    assert (found.nodes[0].models[0].id, one_prompt(found).role) == ("gpt-4o", "system")
    alone = discover(root, "app.py:agent")
    assert [(n.name, n.prompts) for n in alone.nodes] == [("model", (one_prompt(found).id,))]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("def work(s): return llm.invoke([('system', hub.pull('me/prompt'))])", "hub.pull"),
        ("P = 'Sort 100%, now.'\ndef work(s): return llm.invoke(P % s['x'])", "single %"),
        (
            "P = 'Sort <x> now.'\ndef work(s): return llm.invoke(P.replace('<x>', s['x']))",
            ".replace(), which is not edited",
        ),
        ("import yaml\nP = yaml.safe_load(open('a.yaml'))['p']\ndef work(s): return llm.invoke(P)", "no YAML"),
        ("P = f'Sort {1} {{x}} now'\ndef work(s): return llm.invoke(P.format(x=s['x']))", "fstring text is used as"),
        ("P = 'Sort {x now'\ndef work(s): return llm.invoke(P.format(x=s['x']))", "single {"),
        (
            "P = 'Sort {x} now'\ndef work(s):\n    llm.invoke(P)\n    return llm.invoke(P.format(x=1))",
            "used as plain and as",
        ),
    ],
)
def test_what_cannot_be_resolved_is_listed_with_the_reason(write: Writer, body: str, reason: str) -> None:
    found = discover(
        write({"app.py": f"from langchain import hub\n{HEAD}{body}\n{TAIL}", "a.yaml": "p: [b"}), "app.py:graph"
    )
    assert [p.proof for p in found.prompts] == ["unresolved"]
    assert reason in found.prompts[0].reason
    assert found.nodes[0].prompts == (found.prompts[0].id,)


def test_calls_that_are_no_model_calls_make_no_llm_node(write: Writer) -> None:
    body = """
from langchain_core.tools import tool
from langchain_chroma import Chroma
store = Chroma().as_retriever()
@tool
def search(q):
    return llm.invoke("Search for the words of the user.")
def work(s):
    store.invoke("a question in words")
    search.invoke({"q": 1})
    return f"Dear customer, {s['x']}"
"""
    found = discover(write({"app.py": HEAD + body + TAIL}), "app.py:graph")
    assert [n.is_llm for n in found.nodes] == [False]
    assert found.prompts == ()


@pytest.mark.parametrize(
    ("declared", "reading"),
    [
        ("from typing import TypedDict\nclass State(TypedDict):\n    talk: list", "state['talk']"),
        ("from typing import TypedDict\nclass State(TypedDict):\n    talk: list", "state.get('talk', [])"),
        ("from pydantic import BaseModel\nclass State(BaseModel):\n    talk: list", "state.talk"),
    ],
)
def test_a_system_message_that_travels_through_the_state_is_found(write: Writer, declared: str, reading: str) -> None:
    body = f"""
from langgraph.types import Command
{declared}
def first(state: State): return Command(goto="second", update={{"talk": [SystemMessage(content={SYSTEM!r})]}})
def second(state: State):
    talk = {reading}
    return {{"talk": [llm.invoke(talk)]}}
builder = StateGraph(State)
builder.add_node(first)
builder.add_node(second)
graph = builder.compile()
"""
    found = discover(write({"app.py": HEAD + body}), "app.py:graph")
    assert [(n.name, n.is_llm) for n in found.nodes] == [("first", False), ("second", True)]
    assert (one_prompt(found).nodes, one_prompt(found).parts) == (("second",), (SYSTEM,))


def test_texts_handed_to_a_prebuilt_agent_are_its_prompts(write: Writer) -> None:
    body = f"""
from langgraph.prebuilt import create_react_agent
def work(s):
    return create_react_agent(llm, tools=[]).invoke({{"messages": [("system", {SYSTEM!r}), ("user", s["x"])]}})
"""
    found = discover(write({"app.py": HEAD + body + TAIL}), "app.py:graph")
    assert [(n.name, n.is_llm) for n in found.nodes] == [("work", False), ("agent", True)]
    assert one_prompt(found).nodes == ("agent",)


def test_a_dead_copy_is_not_listed(write: Writer) -> None:
    root = write(
        {
            "old_prompts.py": f"SORT = {SYSTEM!r}\n",
            "prompts.py": f"SORT = {SYSTEM!r}\n",
            "app.py": f"{HEAD}import old_prompts\nfrom prompts import SORT\ndef work(s): return llm.invoke(SORT)\n{TAIL}",
        }
    )
    assert one_prompt(discover(root, "app.py:graph")).id == "prompts.py:SORT"


@pytest.mark.parametrize(
    "body",
    [
        "def work(s): return work(s)",
        "def work(s):\n    x = 'word '\n    while True: x = x + x\n    return llm.invoke(x)",
        "m = []\nm.append(m)\ndef work(s): return llm.invoke(m)",
        "P = " + " + ".join(["str(1)", *["'some words'"] * 400]) + "\ndef work(s): return llm.invoke(P)",
        "import app\ndef work(s): return app.graph.invoke(s)",
    ],
    ids=["recursion", "endless loop", "list in itself", "deep expression", "imports itself"],
)
def test_odd_programs_end(write: Writer, body: str) -> None:
    found = discover(write({"app.py": f"{HEAD}{body}\n{TAIL}"}), "app.py:graph")
    assert [n.name for n in found.nodes] == ["work"]


def test_a_file_that_is_no_python_is_named(write: Writer) -> None:
    root = write(
        {"app.py": f"{HEAD}from texts import P\ndef work(s): return llm.invoke(P)\n{TAIL}", "texts.py": "P = ("}
    )
    assert any(note.startswith("texts.py:1: cannot be read") for note in discover(root, "app.py:graph").notes)
