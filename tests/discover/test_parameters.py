"""Where the numbers given to a model are written, and where another could be."""

import pytest

from harness.discover import discover, invoked
from harness.types import ModelUse
from tests.discover.conftest import TAIL, Writer
from tests.makers import call

IMPORTS = """\
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph
"""
WORK = "\ndef work(s): return llm.invoke([('system', 'Sort the ticket.')])\n"


def use_of(write: Writer, making: str) -> tuple[ModelUse, bytes]:
    """The only model of an app that is made by ``making``, and the bytes of the app."""
    root = write({"app.py": IMPORTS + making + WORK + TAIL})
    (node,) = discover(root, "app.py:graph").nodes
    (use,) = node.models
    return use, (root / "app.py").read_bytes()


@pytest.mark.parametrize(
    "making",
    [
        "llm = ChatOpenAI(model='m', temperature=0.7)",
        "WARM = 0.7\nllm = ChatOpenAI(model='m', temperature=WARM)",
        "def make(t=0.7): return ChatOpenAI(model='m', temperature=t)\nllm = make()",
        "def make(**more): return ChatOpenAI(model='m', **more)\nllm = make(temperature=0.7)",
        "llm = ChatOpenAI(model='m').bind(temperature=0.7)",
        "llm = ChatOpenAI(model='m', temperature=0.2).bind(temperature=0.7)",
    ],
)
def test_the_number_is_found_wherever_it_is_written(write: Writer, making: str) -> None:
    use, raw = use_of(write, making)
    assert use.parameters["temperature"] == 0.7
    span = use.literals["temperature"]
    assert raw[span.start : span.end] == b"0.7"


@pytest.mark.parametrize(
    "making",
    [
        "import os\nllm = ChatOpenAI(model='m', temperature=float(os.environ['T']))",
        "import os\nT = 0.7 if os.environ else 0.1\nllm = ChatOpenAI(model='m', temperature=T)",
        "llm = ChatOpenAI(model='m', temperature=-1)",
    ],
)
def test_a_value_that_is_not_one_number_has_no_place(write: Writer, making: str) -> None:
    assert "temperature" not in use_of(write, making)[0].literals


@pytest.mark.parametrize(
    ("making", "rest"),
    [
        ("llm = ChatOpenAI(model='m')", b")"),
        ("llm = ChatOpenAI(\n    model='m',  # small\n    timeout=9,\n)", b",\n)"),
        ("llm = ChatOpenAI(model='m', extra={'ü': 1})", b")"),
    ],
)
def test_room_is_behind_the_last_argument(write: Writer, making: str, rest: bytes) -> None:
    use, raw = use_of(write, making)
    assert use.room is not None
    assert use.room.start == use.room.end
    assert raw[use.room.start :].startswith(rest)


@pytest.mark.parametrize(
    "making",
    [
        "MORE = {'temperature': 0.7}\nllm = ChatOpenAI(model='m', **MORE)",
        "from functools import partial\nmake = partial(ChatOpenAI, model='m')\nllm = make()",
    ],
)
def test_a_call_whose_arguments_stand_elsewhere_has_no_room(write: Writer, making: str) -> None:
    assert use_of(write, making)[0].room is None


def test_nodes_of_one_model_name_the_same_place(write: Writer) -> None:
    more = "def other(s): return llm.invoke([('system', 'Answer the ticket.')])\n"
    tail = TAIL.replace("graph =", "builder.add_node('other', other)\ngraph =")
    root = write({"app.py": IMPORTS + "llm = ChatOpenAI(model='m', temperature=0.7)" + WORK + more + tail})
    first, second = discover(root, "app.py:graph").nodes
    assert first.models[0].literals == second.models[0].literals


def test_a_value_counts_when_a_call_was_made_with_it() -> None:
    calls = [call("sort", parameters={"temperature": 0.0, "max_completion_tokens": 16}), call("answer")]
    assert invoked("temperature", 0, calls, ["sort"])
    assert invoked("max_tokens", 16, calls, ["sort"])
    assert invoked("temperature", 0, calls, ["inner name of an agent"])
    assert not invoked("temperature", 0.7, calls, ["sort"])
    assert not invoked("temperature", 0, calls, ["answer"])
    assert not invoked("temperature", 0, [call("sort", parameters={"temperature": False})], ["sort"])


@pytest.mark.parametrize(
    ("making", "overrides", "parameters"),
    [
        ("llm = ChatOpenAI(model='m', temperature=float(os.getenv('T', '0.7')))", {"temperature": "T"}, 0.7),
        ("llm = ChatOpenAI(model='m', temperature=os.environ.get('T', 0.7))", {"temperature": "T"}, 0.7),
        ("W = float(os.environ['T'])\nllm = ChatOpenAI(model='m', temperature=W)", {"temperature": "T"}, None),
        ("llm = ChatOpenAI(model='m', temperature=float(os.getenv('T') or 0.7))", {"temperature": "T"}, 0.7),
        ("llm = ChatOpenAI(model=os.getenv('M', 'm'), temperature=0.7)", {"model": "M"}, 0.7),
        ("llm = ChatOpenAI(model='m').bind(temperature=float(os.getenv('T', '0.7')))", {"temperature": "T"}, 0.7),
    ],
)
def test_an_environment_variable_that_wins_is_named_and_its_number_not_edited(
    write: Writer, making: str, overrides: dict[str, str], parameters: float | None
) -> None:
    use, _ = use_of(write, f"import os\n{making}")
    assert dict(use.overrides) == overrides
    assert use.parameters.get("temperature") == parameters
    assert ("temperature" in use.literals) == ("temperature" not in overrides)
