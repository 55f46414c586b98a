"""The static reading against what LangGraph and LangChain really send."""

import runpy
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler

from harness.changes import apply, bind
from harness.discover import confirm, discover, fill, find_entry, reached
from harness.types import Call, Discovery, Proposal, Variable
from tests.discover.conftest import Writer

APP = '''
from pathlib import Path
from textwrap import dedent
from typing import TypedDict
from langchain_core.language_models import FakeListChatModel
from langchain_core.prompts import ChatPromptTemplate
from langgraph.graph import END, START, StateGraph

llm = FakeListChatModel(responses=["a"])
POLICY = (Path(__file__).parent / "policy.md").read_text().strip()
SORT = "Sort {ticket} into one of {{a, b}}."
RULES = dedent("""
    Rules:
      - be kind
    Thanks.
    """)
UNUSED = "This text is only sent on Sundays."

class State(TypedDict):
    ticket: str

def sort(state):
    llm.invoke([("system", RULES + POLICY), ("user", SORT.format(ticket=state["ticket"]))])
    if state["ticket"] == "never":
        llm.invoke(UNUSED)
    return {"ticket": state["ticket"]}

def answer(state):
    chain = ChatPromptTemplate.from_messages([("system", "Answer {name} politely."), ("user", "{ticket}")]) | llm
    chain.invoke({"name": "Ann", "ticket": state["ticket"]})
    return {"ticket": llm.invoke(f"Say {state['ticket']!r} in other words.").content}

builder = StateGraph(State)
builder.add_node("sort", sort)
builder.add_node("answer", answer)
builder.add_edge(START, "sort")
builder.add_edge("sort", "answer")
builder.add_edge("answer", END)
graph = builder.compile()
'''


class Recorder(BaseCallbackHandler):
    """Keeps each chat model call as a Call."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def on_chat_model_start(self, serialized: Any, messages: Any, *, metadata: Any = None, **kwargs: Any) -> None:
        sent = tuple({"role": m.type, "content": m.content} for m in messages[0])
        self.calls.append(Call("k", metadata["langgraph_node"], 1, 0, "m", sent, {}, "", {}, None, None, 0.0))


def record(root: Path) -> list[Call]:
    recorder = Recorder()
    graph = runpy.run_path(str(root / "app.py"))["graph"]
    graph.invoke({"ticket": "my {odd} bill"}, {"callbacks": [recorder]})
    return recorder.calls


def confirmed(root: Path) -> Discovery:
    return confirm(discover(root, find_entry(root, "")), record(root))


def test_what_was_sent_is_proved_and_the_rest_is_not(write: Writer) -> None:
    found = confirmed(write({"app.py": APP, "policy.md": "Never promise a refund.\n"}))
    assert {p.id.removeprefix("app.py:"): (p.proof, p.role) for p in found.prompts} == {
        "RULES": ("proved", "system"),
        "policy.md": ("proved", "system"),
        "SORT": ("proved", "human"),
        "UNUSED": ("unresolved", "human"),
        "answer:2nd literal": ("proved", "system"),
        "answer:4th literal": ("unresolved", "human"),  # "{ticket}" alone
        "answer:10th literal": ("proved", "human"),
    }
    assert [(n.name, n.is_llm) for n in found.nodes] == [("sort", True), ("answer", True)]


def test_variables_are_read_back_and_a_change_takes_effect(write: Writer) -> None:
    root = write({"app.py": APP, "policy.md": "Never promise a refund.\n"})
    found = confirmed(root)
    prompt = {p.id: p for p in found.prompts}["app.py:SORT"]
    assert fill(prompt, record(root)[0].messages) == {"ticket": "my {odd} bill"}
    ticket = next(p for p in prompt.parts if isinstance(p, Variable))
    parts = ("Examples:\n", '{"ticket": "x"} -> a\n\n', "Now sort ", ticket, " into {a, b}.")
    change = bind(Proposal("examples", parts, "why"), prompt, found.nodes[0], id="c01", proposer="test")
    assert not reached(change.new, record(root), "sort")
    apply(root, change)
    assert reached(change.new, record(root), "sort")
    assert {p.id: p.proof for p in confirmed(root).prompts} == {p.id: p.proof for p in found.prompts}
