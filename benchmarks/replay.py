"""Model calls that replay saves on an app of four model nodes whose last one is changed.

    python -m benchmarks.replay [--cases 96] [--runs 3] [--seed 1]

The same change is tried twice in fresh repos, with replay and without (``[tool.harness] replay``): a baseline, a screen
on dev, a confirmation of both arms on the sealed holdout. Counted are calls really made, from the record.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.bench import decisions, finish, git, start, toy
from harness.journal import Journal
from harness.repo import Repo

GRAPH = """
from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph

from app.model import ScriptedChat
from app.prompts import CLASSIFY

model = ScriptedChat()


class State(TypedDict, total=False):
    ticket: str
    greeting: str
    summary: str
    tone: str
    intent: str


def greet(state: State) -> State:
    return {"greeting": model.invoke([SystemMessage("Greet."), HumanMessage("One sentence: " + state["ticket"])]).text}


def summarise(state: State) -> State:
    asked = "One sentence that sums it up: " + state["ticket"] + state["greeting"]
    return {"summary": model.invoke([SystemMessage("Sum up."), HumanMessage(asked)]).text}


def hear(state: State) -> State:
    asked = "One sentence on the tone: " + state["ticket"] + state["summary"]
    return {"tone": model.invoke([SystemMessage("Hear."), HumanMessage(asked)]).text}


def classify(state: State) -> State:
    asked = state["ticket"] + " " + state["tone"].replace("sentence", "")
    return {"intent": model.invoke([SystemMessage(CLASSIFY), HumanMessage(asked)]).text}


builder = StateGraph(State)
for node in (greet, summarise, hear, classify):
    builder.add_node(node.__name__, node)
builder.add_edge(START, "greet")
builder.add_edge("greet", "summarise")
builder.add_edge("summarise", "hear")
builder.add_edge("hear", "classify")
builder.add_edge("classify", END)
graph = builder.compile()
"""
PROPOSER = '''
from harness.types import Proposal

LINE = "\\nSay billing, technical, account or shipping."


def propose(brief):
    """One change of the last node."""
    chosen = brief.node.name == "classify"
    return [Proposal("labels", (*brief.prompt.parts, LINE), "names the labels")] if chosen else []
'''


def repo(folder: Path, cases: int) -> Path:
    """The toy app with four model nodes."""
    tree = toy("classify", folder, cases)
    (tree / "app/graph.py").write_text(GRAPH, "utf-8")
    (tree / "one.py").write_text(PROPOSER, "utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "four nodes")
    return tree


def measured(
    folder: Path, arguments: argparse.Namespace, *, replay: bool
) -> tuple[Counter[str], list[tuple[object, ...]]]:
    """Calls made by part of the run, and what was decided."""
    tree = repo(folder, arguments.cases)
    (tree / "harness.toml").write_text(f"replay = {str(replay).lower()}\n", "utf-8")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "settings")
    flags = ["--proposer", "one.py:propose", "--max-iterations", "1", "--goal", "accuracy to 99 %"]
    code, out, err = finish(start(tree, ["run", "--json", *flags, *numbers(arguments)]))
    if code not in (0, 1):
        raise SystemExit(err)
    found = Repo.open(tree)
    record = Journal(found.home / "state.sqlite", json.loads(out)["run"])
    made: Counter[str] = Counter()
    for row in (tree / "evals/cases.jsonl").read_text("utf-8").splitlines():
        for label, run in record.runs_of(json.loads(row)["id"]):
            part = "baseline" if ":" not in label else "confirmation" if label.count(":") > 1 else "screen"
            made[part] += sum(not call.replayed for call in run.calls)
    record.close()
    return made, decisions(out)


def numbers(arguments: argparse.Namespace) -> list[str]:
    """The flags of both runs."""
    return ["--runs", str(arguments.runs), "--seed", str(arguments.seed)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=96)
    parser.add_argument("--runs", type=int, default=3, help="runs per case")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="replay-") as name:
        with_it, decided = measured(Path(name) / "with", arguments, replay=True)
        without, _ = measured(Path(name) / "without", arguments, replay=False)
    print("| part | calls with replay | without | share |")
    print("|---|--:|--:|--:|")
    for part in ("baseline", "screen", "confirmation"):
        print(f"| {part} | {with_it[part]} | {without[part]} | {with_it[part] / without[part]:.0%} |")
    ours, all_calls = (sum(made[part] for part in ("screen", "confirmation")) for made in (with_it, without))
    print(f"| the candidate | {ours} | {all_calls} | {ours / all_calls:.0%} |")
    print(f"decided: {decided}")


if __name__ == "__main__":
    main()
