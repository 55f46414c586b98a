"""The app of ``benchmarks.aa_loop`` as a repository: a LangGraph whose model is the law of ``worlds_law.py``.

WORLD holds the law as JSON. WORLD_CALLS names a file that grows by a byte with every evaluation: the clock of an
endpoint that drifts. Where runs have noise, a first node asks for the half of it that lies before the prompt.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks import worlds_law
from benchmarks.bench import git
from benchmarks.worlds_law import FOUND, Law

MODEL = """
import json
import os
import re
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from app.worlds_law import Law

LAW = Law(**json.loads(os.environ["WORLD"]))
ASKED = re.compile(r"message (\\d+)(?: in mood (\\S+))?")


def evaluated() -> int:
    with open(os.environ["WORLD_CALLS"], "ab") as file:
        file.write(b".")
        return file.tell()


class SimulatedChat(BaseChatModel):
    model: str = "simulated"

    @property
    def _llm_type(self) -> str:
        return "simulated"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        metadata = getattr(run_manager, "metadata", None) or {}
        luck = [metadata.get(name, "") for name in ("harness_seed", "harness_salt", "harness_position")]
        case, mood = ASKED.search(str(messages[-1].content)).groups()
        if len(messages) == 1:
            text = LAW.upstream(int(case), *luck)
        else:
            text = LAW.answer(str(messages[0].content), int(case), float(mood or 0), evaluated(), *luck)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])
"""
GRAPH = """
from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import START, StateGraph

from app.model import LAW, SimulatedChat
from app.prompts import SORT

model = SimulatedChat()


class State(TypedDict, total=False):
    message: str
    topic: str


def read(state: State) -> State:
    mood = model.invoke([HumanMessage("Name the mood of " + state["message"])]).text
    return {"message": state["message"] + " in mood " + mood}


def sort(state: State) -> State:
    return {"topic": model.invoke([SystemMessage(SORT), HumanMessage(state["message"])]).text}


builder = StateGraph(State)
builder.add_node("sort", sort)
if LAW.noise:
    builder.add_node("read", read)
    builder.add_edge(START, "read")
    builder.add_edge("read", "sort")
else:
    builder.add_edge(START, "sort")
graph = builder.compile()
"""
PROPOSER = """
from harness.types import Proposal


def propose(brief):
    \"\"\"{candidates} lines that change nothing.\"\"\"
    lines = [f"Take {{n}} minutes." for n in range(1, 1 + {candidates})]
    return [Proposal("idle line", (*brief.prompt.parts, "\\n" + line), "to see the noise") for line in lines]
"""


def repo(folder: Path, law: Law, sealed: int, candidates: int) -> Path:
    """The app, ``law.dev`` cases and ``sealed`` sealed ones in a file of their own, and the proposer; committed."""
    app, evals = folder / "app", folder / "evals"
    app.mkdir(parents=True)
    evals.mkdir()
    shutil.copyfile(worlds_law.__file__, app / "worlds_law.py")
    (app / "model.py").write_text(MODEL, "utf-8")
    (app / "graph.py").write_text(GRAPH, "utf-8")
    (app / "prompts.py").write_text(f"SORT = {FOUND!r}\n", "utf-8")
    (folder / "idle.py").write_text(PROPOSER.format(candidates=candidates), "utf-8")
    (folder / "langgraph.json").write_text(json.dumps({"graphs": {"sort": "./app/graph.py:graph"}}), "utf-8")
    for name, cases in (("cases", range(law.dev)), ("sealed", range(law.dev, law.dev + sealed))):
        (evals / f"{name}.jsonl").write_text("".join(f"{json.dumps(_row(law, n))}\n" for n in cases), "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "as found")
    return folder


def _row(law: Law, n: int) -> dict[str, object]:
    document = {"cluster": f"document {n // law.cluster}"} if law.cluster > 1 else {}
    row = {"id": f"m{n:03}", "input": {"message": f"message {n}"}, "expected_topic": worlds_law.label_of(n)}
    return {**row, **document}
