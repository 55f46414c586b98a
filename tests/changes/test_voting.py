"""A vote over several replies: put at a call in every form, read back, taken back; and refused with the reason."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.changes import SAMPLES, Refused, Stale, apply, bind_parameter, preview, undo
from harness.discover import discover
from harness.types import Node, Proposal

HEAD = """\
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph
llm = ChatOpenAI(model='gpt-4o')
"""
TAIL = "\nbuilder = StateGraph(dict)\nbuilder.add_node('sort', sort)\ngraph = builder.compile()\n"
FORMS = {
    "plain": "def sort(s):\n    return llm.invoke([('system', 'Sort.'), s['x']])",
    "awaited": "async def sort(s):\n    r = await llm.ainvoke([('system', 'Sort.'), s['x']])\n    return r",
    "over lines": "def sort(s):\n    return llm.invoke(\n        [\n            'Sort.',\n        ],\n    )  # end",
    "comment and decorator": "import functools\n# Sorts.\n# Well.\n@functools.cache\ndef sort(s):\n"
    "    return llm.invoke('Sort.')",
    "lambda": "sort = lambda s: {'a': llm.invoke('Sört ✓: ' + s['x']).content}",
    "method": "class S:\n    def __init__(self): self.llm = llm\n    def __call__(self, s):\n"
    "        return self.llm.invoke('Sort.')\nsort = S()",
    "helper": "def ask(model, text):\n    return model.invoke(text)\ndef sort(s):\n    return ask(llm, 'Sort.')",
}
STYLES = {"LF": ("\n", b""), "CRLF": ("\r\n", b""), "mark": ("\n", b"\xef\xbb\xbf")}
LEFT = {
    "a chain": ("sort = lambda s: (prompt | llm).invoke(s)", "not known to be a model alone"),
    "a schema": ("sort = lambda s: tooled.invoke(s['x'])", "no text alone"),
    "a stream": ("def sort(s):\n    return list(llm.stream('Sort.'))", "no plain invoke"),
    "more given": ("def sort(s, config):\n    return llm.invoke('Sort.', config)", "more than its messages"),
    "Ollama": ("def sort(s):\n    return small.invoke('Sort.')", "Ollama"),
}
MORE = """\
from langchain_core.prompts import ChatPromptTemplate
from langchain_ollama import ChatOllama
prompt = ChatPromptTemplate.from_template('Sort {x}')
tooled = llm.bind_tools([len])
small = ChatOllama(model='q')
"""


def nodes_of(root: Path, body: str, style: str = "LF") -> tuple[Node, ...]:
    newline, mark = STYLES[style]
    (root / "app.py").write_bytes(mark + f"{HEAD}{MORE}{body}\n{TAIL}".replace("\n", newline).encode())
    return discover(root, "app.py:graph").nodes


def idea(nodes: tuple[Node, ...], number: str = "5") -> Proposal:
    (place,) = {repeat.place for repeat in nodes[0].repeats}
    return Proposal("self-consistency", (number,), "why", SAMPLES, place)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("form", FORMS)
def test_the_vote_is_put_at_the_call_and_taken_back_byte_for_byte(tmp_path: Path, form: str, style: str) -> None:
    nodes = nodes_of(tmp_path, FORMS[form], style)
    change = bind_parameter(idea(nodes), nodes[0], nodes, id="c01", proposer="test")
    file = tmp_path / "app.py"
    before = file.read_bytes()
    shown = preview(tmp_path, change)
    edit = apply(tmp_path, change)
    after = file.read_bytes()
    gone = [line for line in shown.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert len(gone) <= 2 and all("invoke" in line or line.strip("- ") in ("[", "[\r") for line in gone)
    assert len(after.splitlines()) - len(before.splitlines()) in (6, 7, 8)  # the helper, and nothing else
    ast.parse(after)
    again = discover(tmp_path, "app.py:graph")
    assert any("asks several times already" in r.reason for r in again.nodes[0].repeats)
    undo(tmp_path, edit)
    assert file.read_bytes() == before


def test_texts_still_reach_the_model_through_the_helper(tmp_path: Path) -> None:
    nodes = nodes_of(tmp_path, FORMS["plain"])
    before = discover(tmp_path, "app.py:graph").prompts
    apply(tmp_path, bind_parameter(idea(nodes), nodes[0], nodes, id="c01", proposer="test"))
    after = discover(tmp_path, "app.py:graph").prompts
    assert [(p.text, p.role, p.proof) for p in after] == [(p.text, p.role, p.proof) for p in before]
    assert after


@pytest.mark.parametrize("case", LEFT)
def test_what_it_does_not_apply_to_is_said(tmp_path: Path, case: str) -> None:
    body, why = LEFT[case]
    nodes = nodes_of(tmp_path, body)
    with pytest.raises(Refused, match=f"does not apply to sort.*{why}"):
        bind_parameter(idea(nodes), nodes[0], nodes, id="c01", proposer="test")


@pytest.mark.parametrize("number", ["1", "2", "10", "five", "5.0", "-3", "", "٥"])
def test_only_three_to_nine_samples_are_a_vote(tmp_path: Path, number: str) -> None:
    nodes = nodes_of(tmp_path, FORMS["plain"])
    with pytest.raises(Refused, match="no number of samples"):
        bind_parameter(idea(nodes, number), nodes[0], nodes, id="c01", proposer="test")


def test_a_second_vote_in_the_file_uses_the_helper_that_is_there_and_a_stranger_of_its_name_is_left(
    tmp_path: Path,
) -> None:
    two = "def sort(s):\n    return llm.invoke('Sort.')\ndef other(s):\n    return llm.invoke('Say.')"
    tail = TAIL.replace("graph =", "builder.add_node('other', other)\ngraph =")
    (tmp_path / "app.py").write_text(HEAD + two + tail)
    for name in ("sort", "other"):
        nodes = discover(tmp_path, "app.py:graph").nodes
        node = next(node for node in nodes if node.name == name)
        apply(tmp_path, bind_parameter(idea((node,)), node, nodes, id="c01", proposer="test"))
    assert (tmp_path / "app.py").read_text().count("def _commonest_reply(") == 1
    nodes = nodes_of(tmp_path, "def _commonest_reply(x): return x\n" + FORMS["plain"])
    change = bind_parameter(idea(nodes), nodes[0], nodes, id="c01", proposer="test")
    with pytest.raises(Refused, match="the file has another _commonest_reply"):
        apply(tmp_path, change)


def test_the_page_shows_the_vote_as_it_is_written_into_the_sample() -> None:
    root = Path(__file__).parents[2]
    nodes = discover(root, "graphs/support_desk/graph.py:graph").nodes
    node = next(node for node in nodes if node.name == "classify")
    shown = preview(root, bind_parameter(idea((node,)), node, nodes, id="c01", proposer="test"))
    page = (root / "docs/proposers.md").read_text("utf-8").split("```diff\n")[1].split("```")[0]
    assert page.splitlines() == [line for line in shown.splitlines()[6:] if "return {" not in line and line.strip()]


def test_a_file_that_has_moved_on_is_stale(tmp_path: Path) -> None:
    nodes = nodes_of(tmp_path, FORMS["plain"])
    change = bind_parameter(idea(nodes), nodes[0], nodes, id="c01", proposer="test")
    file = tmp_path / "app.py"
    file.write_text(file.read_text().replace("llm.invoke([", "llm.stream([", 1))
    with pytest.raises(Stale):
        apply(tmp_path, change)


class Model:
    """Says what it is given to say, one after the other."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def bind(self, temperature: float) -> Model:
        assert temperature == 0.7
        return self

    def batch(self, asked: list[Any]) -> list[Any]:
        assert asked == ["Which?"] * len(self.texts)
        return [SimpleNamespace(content=text) for text in self.texts]

    async def abatch(self, asked: list[Any]) -> list[Any]:
        return self.batch(asked)


@pytest.fixture(scope="module")
def helpers(tmp_path_factory: pytest.TempPathFactory) -> list[Callable[..., Any]]:
    """Both helpers as they stand in a file, without anything else of it."""
    root, found = tmp_path_factory.mktemp("vote"), []
    for form, name in (("plain", "_commonest_reply"), ("awaited", "_commonest_areply")):
        nodes = nodes_of(root, FORMS[form])
        apply(root, bind_parameter(idea(nodes), nodes[0], nodes, id="c01", proposer="test"))
        tree = ast.parse((root / "app.py").read_text())
        tree.body = [node for node in tree.body if getattr(node, "name", "") == name]
        names: dict[str, Any] = {}
        exec(compile(tree, "app.py", "exec"), names)
        found.append(names[name])
    return found


@given(st.lists(st.sampled_from(["Refund", "refund ", "billing", " BILLING", "sales"]), min_size=3, max_size=9))
def test_the_helper_gives_a_reply_that_no_other_outnumbers_whatever_their_order(
    helpers: list[Callable[..., Any]], texts: list[str]
) -> None:
    said = [" ".join(text.casefold().split()) for text in texts]
    most = max(map(said.count, said))
    for order in (texts, texts[::-1]):
        waits, awaited = (helper(Model(order), len(order), "Which?") for helper in helpers)
        for reply in (waits, asyncio.run(awaited)):
            assert reply.content in texts
            assert " ".join(reply.content.casefold().split()) == min(s for s in said if said.count(s) == most)
