"""After single ideas: two near misses put together, and a prompt made shorter at no loss, both under the same rules."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

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


def tuned(*words: str, goal: str = "accuracy to 99 %") -> tuple[dict[str, Any], dict[str, Any]]:
    """What a run said, and its trials by id."""
    said = CliRunner().invoke(app, ["run", "--runs", "2", "--goal", goal, *words, "--json"])
    assert said.exit_code == 1, said.stderr
    told = json.loads(said.stdout)
    return told, {trial["id"]: trial for trial in told["trials"]}


def test_the_two_best_of_a_round_are_tried_together_and_confirmed_as_one(shop: Path) -> None:
    told, trials = tuned("--proposer", "ideas.py:lines")

    joined = trials[told["kept"][0]]
    assert {trials[parent]["technique"] for parent in joined["parents"]} == {"calmly", "slowly"}
    assert joined["proposer"] == "combination"
    assert {trials[parent]["stage"] for parent in joined["parents"]} == {"not chosen"}, "neither was asked alone"
    assert all("confirmed together" in trials[parent]["words"] for parent in joined["parents"])
    assert "calmly.\nRead slowly" in git(shop, "show", f"{told['branch']}:graph.py").replace(
        "slowly.\nRead calmly", "calmly.\nRead slowly"
    )
    report = git(shop, "show", f"{told['branch']}:reports/{told['run']}/report.md")
    assert "here all are confirmed together" in report


def test_a_pair_that_leaves_a_goal_on_dev_is_not_put_to_the_holdout(shop: Path) -> None:
    prompt = GRAPH.split('"""')[1]
    room = len(prompt.split()) + 2 + 1 + 3  # the message, the answer, and one more line of two words, but not two

    _, trials = tuned("--proposer", "ideas.py:lines", "--goal", f"tokens to {room} or less")

    pair = next(trial for trial in trials.values() if trial["parents"])
    assert pair["stage"] == "not chosen"
    assert "do not keep the goal on tokens" in pair["words"]
    assert all(trials[parent]["stage"] in ("kept", "confirmed") for parent in pair["parents"])


def test_each_alone_where_that_is_asked_for(shop: Path) -> None:
    _, trials = tuned("--no-join", "--proposer", "ideas.py:lines")
    assert not any(trial["parents"] for trial in trials.values())


def test_near_misses_are_joined_and_what_does_nothing_is_left_out(shop: Path) -> None:
    names = ("ideas.py:lines", "combination", "simplification")
    named = [word for name in names for word in ("--proposer", name)]
    told, trials = tuned("--no-join", *named)
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
