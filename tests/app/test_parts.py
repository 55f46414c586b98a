"""The small parts: framing, pace, the static reading of imports, plain data, redaction."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel, Field, create_model

from harness.app.pace import LONGEST, Pace
from harness.app.worker.imports import command, module_name, roots, third_party
from harness.app.worker.plain import canonical, plain
from harness.app.worker.wire import HEADER, Channel
from harness.redaction import Redactor
from tests.conftest import TOYS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), max_size=3))
@settings(max_examples=40)
def test_what_is_sent_is_received(messages: list[dict[str, object]]) -> None:
    one, other = map(Channel, socket.socketpair())
    sender = threading.Thread(target=lambda: ([one.send(message) for message in messages] and None) or one.close())
    sender.start()
    received = [other.receive() for _ in messages]
    assert received == messages and (other.receive() is None)
    sender.join()
    other.close()


@given(st.binary(max_size=64))
def test_a_broken_stream_ends_instead_of_hanging(junk: bytes) -> None:
    one, two = socket.socketpair()
    one.sendall(HEADER.pack(len(junk) + 1) + junk)
    one.close()
    channel = Channel(two)
    assert channel.receive() is None
    channel.close()


def test_sending_to_nobody_says_so() -> None:
    one, two = socket.socketpair()
    two.close()
    assert Channel(one).send({"x": "y" * 100_000}) is False
    one.close()


@given(st.integers(1, 64), st.lists(st.booleans(), max_size=200))
def test_pace_stays_between_one_and_all(most: int, refusals: list[bool]) -> None:
    pace = Pace(most, backoff=1.0)
    for refused in refusals:
        before = pace.limit
        if refused:
            pace.slower(before)
            assert pace.limit <= max(1, before // 2 + 1)
        else:
            pace.faster()
            assert pace.limit >= before
        assert 1 <= pace.limit <= most


def test_one_wave_of_refusals_halves_once() -> None:
    pace = Pace(8, backoff=1.0)
    for in_flight in (8, 7, 6, 5):
        pace.slower(in_flight)
    assert pace.limit == 4


@given(st.integers(1, 30), st.integers(0, 2**31), st.floats(0, 300))
def test_a_wait_grows_has_an_end_and_honours_the_provider(tries: int, seed: int, asked: float) -> None:
    wait = Pace(8, backoff=1.0).wait(tries, asked, seed)
    assert asked <= wait <= max(asked, LONGEST)


def test_third_party_imports_are_found_behind_the_trees_own(tmp_path: Path) -> None:
    (tmp_path / "src/pkg/deep").mkdir(parents=True)
    (tmp_path / "src/pkg/__init__.py").write_text("")
    (tmp_path / "src/pkg/deep/__init__.py").write_text("import numpy.linalg\n")
    (tmp_path / "src/pkg/graph.py").write_text(
        "import os\nfrom . import deep\nfrom .tools import go\ntry:\n    import ujson\nexcept ImportError:\n    pass\n"
        "def late():\n    import torch\n"
    )
    (tmp_path / "src/pkg/tools.py").write_text("from requests.adapters import HTTPAdapter\nfrom pkg import graph\n")
    folders = roots(tmp_path, "src/pkg/graph.py:graph")
    file = tmp_path / "src/pkg/graph.py"
    assert sorted(third_party(file, folders)) == ["numpy.linalg", "requests.adapters", "ujson"]
    assert module_name(file, folders) == "pkg.graph"


@pytest.mark.parametrize(
    "path, source, name, by_hand",
    [
        ("graph.py", "import os", "graph", "python -m graph"),
        ("pkg/graph.py", "from .llm import a", "pkg.graph", "python -m pkg.graph"),
        ("pkg/graph.py", "import llm", "pkg.graph", "PYTHONPATH=pkg python -m pkg.graph"),
        ("src/pkg/graph.py", "from .llm import a", "pkg.graph", "PYTHONPATH=src python -m pkg.graph"),
        ("src/pkg/graph.py", "from ..llm import a", "src.pkg.graph", "python -m src.pkg.graph"),
        ("my-app/pkg/graph.py", "from . import llm", "pkg.graph", "PYTHONPATH=my-app python -m pkg.graph"),
        ("pkg/__init__.py", "from . import llm", "pkg", 'python -c "import pkg"'),
    ],
)
def test_an_entry_is_named_as_its_imports_ask(tmp_path: Path, path: str, source: str, name: str, by_hand: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    assert module_name(file, roots(tmp_path, f"{path}:graph")) == name
    assert command("python", tmp_path, f"{path}:graph") == by_hand


def test_the_toys_imports_are_langchain_and_langgraph() -> None:
    tree = TOYS / "classify"
    found = third_party(tree / "app/graph.py", roots(tree, "app/graph.py:graph"))
    assert {name.split(".")[0] for name in found} == {"langchain_core", "langgraph"}


class Order(BaseModel):
    dish: str
    count: int = 1


def test_anything_becomes_json_of_a_stable_kind() -> None:
    loop: list[object] = []
    loop.append(loop)
    state = {
        "messages": [HumanMessage("hi"), AIMessage("yes", tool_calls=[{"name": "t", "args": {"a": 1}, "id": "x"}])],
        "order": Order(dish="soup"),
        "kind": Order,
        "set": {"b", "a"},
        "odd": object(),
        "nan": float("nan"),
        "loop": loop,
    }
    data = plain(state)
    assert canonical(data) == canonical(plain(state))
    assert data["messages"][0] == {"role": "user", "content": "hi"}
    assert data["messages"][1]["tool_calls"][0]["args"] == {"a": 1}
    assert data["order"] == {"dish": "soup", "count": 1} and data["set"] == ["a", "b"]
    assert " at 0x" not in canonical(data)


def test_a_form_is_told_from_one_with_other_words() -> None:
    """A model that fills it in reads them, so a call with the one must not be answered from the record of the other."""

    def form(description: str) -> type[BaseModel]:
        return create_model("Form", dish=(str, Field(description=description)))

    assert plain(form("a soup")) == plain(form("a soup")) != plain(form("a cake"))


def test_secrets_are_named_instead_of_shown() -> None:
    redact = Redactor({"A_TOKEN": "abcdefghij", "SHORT_TOKEN": "abc", "PLAIN": "visible-value"}, named=["OTHER"])
    assert redact.data({"x": ["key abcdefghij", "abc visible-value"]}) == {"x": ["key <A_TOKEN>", "abc visible-value"]}
