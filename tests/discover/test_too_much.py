"""Code that would be read for ever: every reading ends, the rest is read, and a note says where it was cut short."""

from __future__ import annotations

import pytest

from harness.discover import discover
from tests.discover.conftest import HEAD, TAIL, Writer

ASK = "def work(s): return llm.invoke('Sort the ticket into billing or other.')\n"
CHAIN = "c = ChatPromptTemplate.from_messages(['Sort it all.'])\n"
DOUBLED = {  # each line takes up what stood before it twice
    "text": "a = 'You sort the letters.'\n" + "a = a + a\n" * 60,
    "f-string": "a = 'You sort the letters.'\n" + "a = f'{a}{a}'\n" * 60,
    "format": "a = 'You sort the {x} letters.'\n" + "a = a.format(x=a)\n" * 60,
    "chain": CHAIN + "c = c | c\n" * 60 + "a = c | llm\n",
    "template": CHAIN + "c = c + c\n" * 60 + "a = c.invoke({})\n",
    "partial": "from functools import partial\ndef a(*s): return 'Sort the letters.'\n" + "a = partial(a, a, a)\n" * 60,
    "list": "a = ['Sort the letters.']\n" + "a = [a, a]\n" * 60,
    "message": "a = 'Sort the letters.'\n" + "a = SystemMessage(a if a else SystemMessage(a))\n" * 60,
    "list in itself": "a = ['Sort the letters.']\na.append(a)\n",
    "bases": "class A: pass\nclass B(A): pass\n"
    + "class A(A, B): pass\nclass B(A, B): pass\n" * 30
    + "a = B().missing\n",
}
GROWING = {  # what is read makes more to read
    "conditions": "def work(s):\n    builder.add_conditional_edges('work', lambda s: work(s))\n",
    "nodes": "def work(s):\n    builder.add_node('work', lambda s: work(s))\n",
    "names of a class": "class Maker:\n    def make(self):\n        Maker.more = StateGraph(dict)\n"
    "        Maker.more.add_node('a', print)\ndef work(s): return s\n",
    "graphs": "def make():\n    g = StateGraph(dict)\n    def inner(s): return make().invoke(s)\n"
    "    g.add_node('inner', inner)\n    return g.compile()\ndef work(s): return make().invoke(s)\n",
}
CUT = {  # more than is followed, with the line that the note names
    "dict": ("x = {" + ",".join(f"'k{n}': {n}" for n in range(31_000)) + "}\n", 6),
    "sum": ("y = 'b'\nx = " + " + ".join(["'a'", "y"] * 400) + "\n", 7),
    "elif": ("if s: pass\n" + "".join(f"elif s == {n}: x = {n}\n" for n in range(400)), 6),
}


@pytest.mark.parametrize("body", DOUBLED.values(), ids=DOUBLED.keys())
def test_what_doubles_with_each_line_is_read(write: Writer, body: str) -> None:
    found = discover(write({"app.py": f"{HEAD}{body}def work(s): return llm.invoke(a)\n{TAIL}"}))
    assert [(node.name, node.is_llm) for node in found.nodes] == [("work", True)]


@pytest.mark.parametrize("body", GROWING.values(), ids=GROWING.keys())
def test_what_makes_more_of_itself_is_read_so_often_and_no_more(write: Writer, body: str) -> None:
    assert discover(write({"app.py": f"{HEAD}{body}{TAIL}"})).nodes


@pytest.mark.parametrize(("body", "line"), CUT.values(), ids=CUT.keys())
def test_a_statement_that_is_cut_short_keeps_nothing_else_from_being_read(write: Writer, body: str, line: int) -> None:
    found = discover(write({"app.py": f"{HEAD}{body}{ASK}{TAIL}"}))
    assert [(node.name, len(node.prompts)) for node in found.nodes] == [("work", 1)]
    assert any(note.startswith(f"app.py:{line}: too complex to be followed") for note in found.notes), found.notes


def test_a_node_that_is_cut_short_says_so_and_is_not_told_as_one_without_a_model(write: Writer) -> None:
    loops = "".join(f"{'  ' * (n + 1)}for a{n} in [1, 2, 3, 4, 5, 6, 7, 8]:\n" for n in range(12))
    found = discover(write({"app.py": f"{HEAD}def work(s):\n{loops}{'  ' * 13}x(s)\n  llm.invoke('Sort it.')\n{TAIL}"}))
    assert found.nodes[0].why.startswith("unresolved: work is too complex")
    assert any("too complex" in note and "cut short at app.py:" in note for note in found.notes)


def test_a_reading_takes_no_more_steps_than_its_size_calls_for(write: Writer) -> None:
    loops = "".join(f"{'  ' * (n + 1)}for a{n} in [1, 2, 3, 4, 5, 6, 7, 8]:\n" for n in range(12))
    heavy = "".join(f"def f{n}(s):\n{loops}{'  ' * 13}x(s)\nbuilder.add_node('f{n}', f{n})\n" for n in range(8))
    found = discover(write({"app.py": f"{HEAD}builder = StateGraph(dict)\n{heavy}"}))
    assert len(found.nodes) == 8
    assert sum("the reading ends here" in note for note in found.notes) == 1
