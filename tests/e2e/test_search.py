"""After single ideas: two near misses put together, and a prompt made shorter at no loss, both under the same rules."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from tests.conftest import TOYS, git

PADDING = (
    "The shop was founded long ago and its owner likes to tell how the first chair was sold on a rainy day in May."
)
GRAPH = f'''
from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from scripted import Scripted, share

SORT = """Say which of the words good and bad fits.

{PADDING}

Write one word."""


def rule(system: str, text: str, luck: float) -> str:
    one, two, ease = "calmly" in system, "slowly" in system, share("i", text)
    if one and two:
        known = ease < 0.9
    elif one:
        known = 0.08 <= ease < 0.64
    elif two:
        known = ease < 0.42 or 0.5 <= ease < 0.64
    else:
        known = ease < 0.5
    right = text.split()[-1]
    return right if known else {{"good": "bad", "bad": "good"}}[right]


class State(TypedDict, total=False):
    message: str
    word: str


def sort(state: State) -> State:
    reply = Scripted(rule=rule).invoke([SystemMessage(SORT), HumanMessage(state["message"])])
    return {{"word": str(reply.content)}}


builder = StateGraph(State)
builder.add_node("sort", sort)
builder.add_edge(START, "sort")
builder.add_edge("sort", END)
graph = builder.compile()
'''
IDEAS = """
from harness.types import Brief, Proposal

def lines(brief: Brief) -> list[Proposal]:
    words = ("calmly", "slowly", "twice")
    return [Proposal(word, (*brief.prompt.parts, f"\\nRead {word}."), "why not") for word in words]
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A steady app: two lines mend some cases and break others, both together help, a paragraph does nothing."""
    tree = tmp_path / "shop"
    (tree / "evals").mkdir(parents=True)
    shutil.copy(TOYS / "kinds" / "scripted.py", tree)
    (tree / "graph.py").write_text(GRAPH, "utf-8")
    (tree / "ideas.py").write_text(IDEAS, "utf-8")
    words = ("good", "bad")
    rows = [
        {"id": f"s{n}", "input": {"message": f"{n} {words[n % 2]}"}, "expected_word": words[n % 2]} for n in range(150)
    ]
    (tree / "evals/cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "app")):
        git(tree, *arguments)
    monkeypatch.chdir(tree)
    return tree


def test_near_misses_are_joined_and_what_does_nothing_is_left_out(shop: Path) -> None:
    names = ("ideas.py:lines", "combination", "simplification")
    named = [word for name in names for word in ("--proposer", name)]
    said = CliRunner().invoke(app, ["run", "--runs", "2", "--goal", "accuracy to 99 %", *named, "--json"])
    assert said.exit_code == 1, said.stderr
    told = json.loads(said.stdout)
    trials = {trial["id"]: trial for trial in told["trials"]}
    joined, shorter = (trials[name] for name in told["kept"])

    assert joined["technique"] in ("calmly + slowly", "slowly + calmly")
    assert {trials[parent]["technique"] for parent in joined["parents"]} == {"calmly", "slowly"}
    assert all(trials[parent]["stage"] in ("screened out", "confirmed") for parent in joined["parents"])

    assert shorter["technique"] == "simplification"
    text = git(shop, "show", f"{told['branch']}:graph.py")
    assert PADDING not in text
    assert "Say which of the words good and bad fits.\n\nWrite one word." in text
    report = git(shop, "show", f"{told['branch']}:reports/{told['run']}/report.md")
    assert "| `accuracy` |" in report
    assert "not more than 5 % worse" in report, (
        "a change beside the goals is held against the baseline, at half the margin"
    )
    lines = git(shop, "show", f"{told['branch']}:reports/{told['run']}/run.jsonl").splitlines()
    spent = [row["id"].partition(":")[2] for row in map(json.loads, lines) if row["kind"] == "confirmation"]
    assert {joined["id"], shorter["id"]} <= set(spent), "both stand in the ledger"
