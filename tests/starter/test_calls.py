"""Inputs that tests, scripts and pages give to the app, read without running them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.discover import Keys
from harness.starter.material import Found, calls, constants, gather, lists
from harness.starter.material.constants import UnknownError

TICKET = Keys({"ticket": "str"}, {"intent": "str"}, {"ticket": "str", "intent": "str", "answer": "str"})
CHAT = Keys({"messages": "messages"}, {}, {"messages": "messages"})


def found(source: str, keys: Keys = TICKET, entry: str = "app.py:graph") -> list[Found]:
    return list(calls.examples(ast.parse(source), "tests/test_app.py", keys, entry))


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ('graph.invoke({"ticket": "Where is it?"})', [{"ticket": "Where is it?"}]),
        ('async def t():\n    await graph.ainvoke(input={"ticket": "a"})', [{"ticket": "a"}]),
        ('Q = "late"\ndef t():\n    q = f"it is {Q}"\n    app.stream({"ticket": q})', [{"ticket": "it is late"}]),
        ('for q in ["a", "b"]:\n    graph.invoke({"ticket": q})', [{"ticket": "a"}, {"ticket": "b"}]),
        ('C = [("a", 1)]\nfor q, n in C:\n    graph.invoke({"ticket": q})', [{"ticket": "a"}]),
        ('graph.batch([{"ticket": "a"}, {"ticket": "b"}])', [{"ticket": "a"}, {"ticket": "b"}]),
        ('graph.invoke({"ticket": "a", "answer": make()})', [{"ticket": "a"}]),  # what is not literal is left out
        ('llm.invoke({"ticket": "a"})', []),
        ('graph.invoke({"question": "a"})', []),  # no field of this graph
        ('graph.invoke({"ticket": ""})', []),
        ("graph.invoke({'ticket': load()})", []),
        ("graph.invoke(state)", []),
    ],
)  # fmt: skip
def test_literal_inputs_are_found(source: str, given: list[object]) -> None:
    assert [one.given for one in found(source)] == given


def test_parameters_of_a_test_are_its_inputs_and_its_expectations() -> None:
    source = """
@pytest.mark.parametrize("text, wanted", [("it broke", "technical"), pytest.param("pay", "billing", id="x"), (f(), 1)])
def test_intents(text, wanted):
    result = build().graph.invoke({"ticket": text})
    assert result["intent"] == wanted
"""
    seen = [(one.given, dict(one.expected), one.where) for one in found(source)]
    where = "tests/test_app.py:4"
    assert seen == [
        ({"ticket": "it broke"}, {"intent": "technical"}, where),
        ({"ticket": "pay"}, {"intent": "billing"}, where),
    ]


def test_asserts_behind_a_call_say_what_is_expected_until_the_name_is_given_away() -> None:
    source = """
def test_two():
    out = graph.invoke({"ticket": "one"})
    assert "billing" == out["intent"]
    assert "thank" in out["answer"].lower()
    assert len(out["answer"]) > 3
    out = graph.invoke({"ticket": "two"})
    assert out["nowhere"] == 3
"""
    first, second = found(source)
    assert (dict(first.expected), first.holds) == ({"intent": "billing"}, ("thank",))
    assert first.hint == "assert len(out['answer']) > 3"
    assert dict(second.expected) == {}  # a field that the graph does not have


def test_messages_are_read_by_the_names_of_their_classes() -> None:
    source = 'agent.invoke({"messages": [HumanMessage(content="hello there"), ("user", "again")]})'
    (one,) = found(source, CHAT)
    assert one.given == {"messages": [{"role": "user", "content": "hello there"}, ["user", "again"]]}


def test_a_graph_of_unknown_state_is_told_by_its_name() -> None:
    source = 'flow.invoke("a text")\nother_flow.invoke("another")\ngraph.invoke({"x": "y"})'
    assert [one.given for one in found(source, Keys(), "app.py:flow")] == ["a text", {"x": "y"}]


ROWS = """
MAIL = {"ticket": "I pay twice", "tone": "cross"}
EXAMPLES = [
    {"inputs": MAIL, "outputs": {"intent": "billing"}},
    {"inputs": {"ticket": "it broke"}, "outputs": {"intent": "technical"}},
    Sample(input="hello", target="other"),
    unknown(),
]
QUESTIONS = ["Where is my parcel?", "word"]
few_shot_examples = [{"input": "no case", "output": "part of a prompt"}]
COLOURS = [{"name": "red"}]
"""


def test_lists_of_rows_in_python_are_read_with_their_lines() -> None:
    rows = list(lists.examples(ast.parse(ROWS), "evals/data.py", TICKET, is_eval=True))
    assert [(one.where, dict(one.expected)) for one in rows] == [
        ("evals/data.py:4", {"intent": "billing"}),
        ("evals/data.py:5", {"intent": "technical"}),
        ("evals/data.py:6", {"answer": "other"}),
        ("evals/data.py:9", {}),
    ]
    assert rows[0].given == {"ticket": "I pay twice", "tone": "cross"}


def test_what_grows_without_bounds_is_no_data() -> None:
    doubled = "\n".join(["a = 'xxxxxxxxxx'", *["a = a + a"] * 60, "graph.invoke({'ticket': a})"])
    shared = "\n".join(["a = ['x']", *["a = [a, a, a, a]"] * 40, "graph.invoke({'ticket': a})"])
    assert found(doubled) == []
    deep = f"graph.invoke({{'ticket': {'[' * 150}1{']' * 150}}})"
    assert len(found(deep)) == 1
    assert len(found(shared)) == 1  # small in memory, endless when written: the gathering leaves it out


def test_a_shared_value_that_is_endless_when_written_is_left_out(tmp_path: Path) -> None:
    shared = "\n".join(["a = ['x']", *["a = [a, a, a, a]"] * 40, "graph.invoke({'ticket': a})"])
    (tmp_path / "run.py").write_text(shared, "utf-8")
    told = gather(tmp_path, ["run.py"], TICKET, "app.py:graph")
    assert told.examples == ()
    assert told.notes == ("run.py: 1 example left out, each too long for a case",)


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(value=LITERALS)
def test_every_literal_is_read_as_it_is(value: object) -> None:
    assert constants.value(ast.parse(repr(value), mode="eval").body, {}) == value


@pytest.mark.parametrize(
    "code", ["open('x')", "__import__('os')", "a.b", "x if y else z", "[i for i in a]", "{**a}", "1 < 2", "a[0]"]
)
def test_nothing_else_is_evaluated(code: str) -> None:
    with pytest.raises(UnknownError):
        constants.value(ast.parse(code, mode="eval").body, {})
