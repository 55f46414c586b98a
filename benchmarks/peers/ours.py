"""``harness run`` on the simulated task: the real loop in a real repository, one JSON line a run.

    python -m benchmarks.peers.ours [--seeds 1-30] [--null] [--calls 1000] [--set KEY=JSON ...] [--child]

The app is a LangGraph of one node whose model is the law of ``task.py``. Settings are the product's defaults but for
what is given here; 50 dev and 100 sealed cases, as the others have for training and validation.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.bench import git
from benchmarks.peers import task
from harness import session
from harness.cli.console import Silent
from harness.repo import Worktree
from harness.types import Call, Facts, Job, Json, Outcome, Run, Trial

MODEL = """
import os
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from app import task


class SimulatedChat(BaseChatModel):
    model: str = "simulated"
    temperature: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "simulated"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        system, case = str(messages[0].content), int(task.ASKED.findall(str(messages[-1].content))[-1])
        chance = task.accuracy(system, null=os.environ["PEERS_NULL"] == "1")
        label = task.answer(int(os.environ["PEERS_SEED"]), system, case, chance)
        usage = {"input_tokens": len(system.split()), "output_tokens": 1, "total_tokens": len(system.split()) + 1}
        return ChatResult(generations=[ChatGeneration(message=AIMessage(label, usage_metadata=usage))])
"""
GRAPH = """
from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph

from app.model import SimulatedChat
from app.prompts import SORT

model = SimulatedChat()


class State(TypedDict, total=False):
    message: str
    topic: str


def sort(state: State) -> State:
    return {"topic": model.invoke([SystemMessage(SORT), HumanMessage(state["message"])]).text}


builder = StateGraph(State)
builder.add_node("sort", sort)
builder.add_edge(START, "sort")
builder.add_edge("sort", END)
graph = builder.compile()
"""
PROPOSER = """
import os

from app.task import Rewriter
from harness.types import Brief, Proposal

rewriter = Rewriter(int(os.environ["PEERS_SEED"]))


def propose(brief: Brief) -> list[Proposal]:
    prompt = "".join(brief.prompt.parts)
    return [Proposal("rewriting", (rewriter.rewrite(prompt),), "asked of a model") for _ in range(20)]
"""
GOAL = "accuracy to 99 %"


@dataclass(frozen=True, slots=True)
class Row:
    """One run, as in ``others.py``."""

    system: str
    null: bool
    seed: int
    true: float
    claimed: float
    changed: bool
    false_win: bool
    calls: int
    seconds: float


def repo(folder: Path) -> Path:
    """The app with its cases, committed."""
    app, evals = folder / "app", folder / "evals"
    app.mkdir(parents=True)
    evals.mkdir()
    shutil.copyfile(task.__file__, app / "task.py")
    (app / "model.py").write_text(MODEL, "utf-8")
    (app / "graph.py").write_text(GRAPH, "utf-8")
    (app / "prompts.py").write_text(f"SORT = {task.BASE!r}\n", "utf-8")
    (folder / "ideas.py").write_text(PROPOSER.replace("app.task", "benchmarks.peers.task"), "utf-8")
    (folder / "langgraph.json").write_text(json.dumps({"graphs": {"sort": "./app/graph.py:graph"}}), "utf-8")
    for name, cases in (("cases", range(task.DEV)), ("sealed", range(task.DEV, task.CASES))):
        rows = [
            {"id": f"m{n:03}", "input": {"message": task.text_of(n)}, "expected_topic": task.label_of(n)} for n in cases
        ]
        (evals / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "as found")
    return folder


@dataclass(frozen=True, slots=True)
class Version:
    """The app at one commit, run in this process: what ``SimulatedChat`` answers, recorded and replayed likewise."""

    seed: int
    null: bool
    prompt: str
    version: str

    def run(self, jobs: Iterable[Job], on_call: Callable[[Job, Call], None]) -> Iterator[Run]:
        """See ``protocols.App.run``."""
        for job in jobs:
            message = str(job.case.inputs["message"])
            salt = job.salt if {"sort", "*"} & set(job.changed) else ""
            key = hashlib.sha256("\x1f".join((self.prompt, message, salt)).encode()).hexdigest()
            if key in job.replay:
                call = replace(job.replay[key], replayed=True)
            else:
                call = self._asked(message, key)
                on_call(job, call)
            output: dict[str, Json] = {"message": message, "topic": call.text}
            yield Run(job.case.id, job.k, job.salt, self.version, output, None, (call,), call.seconds)

    def _asked(self, message: str, key: str) -> Call:
        case = int(task.ASKED.findall(message)[-1])
        text = task.answer(self.seed, self.prompt, case, task.accuracy(self.prompt, null=self.null))
        messages: tuple[dict[str, Json], ...] = (
            {"role": "system", "content": self.prompt},
            {"role": "human", "content": message},
        )
        told, tokens = {"temperature": 0.0}, len(self.prompt.split())
        return Call(key, "sort", 1, 0, "simulated", messages, told, text, {"text": text}, tokens, 1, 0.05)

    def describe(self) -> Facts:
        """See ``protocols.App.describe``."""
        return Facts(("sort",), ("message", "topic"), ("message", "topic"), "message", False, "", False)

    def close(self) -> None:
        """Nothing was started."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """A host that starts no process. The runs are the same (``--child`` compares), in a fraction of the time."""

    seed: int
    null: bool

    def open(self, tree: Path, version: str) -> Version:
        """See ``protocols.Host.open``."""
        return Version(self.seed, self.null, prompt_of((tree / "app/prompts.py").read_text("utf-8")), version)

    def close(self) -> None:
        """Nothing was started."""


class Copies:
    """A worktree whose candidates are plain copies of its files; all else is the real one's."""

    def __init__(self, real: Worktree) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def candidate(self, name: str, commit: str = "") -> Path:
        """See ``Worktree.candidate``."""
        tree = self._real.trees / name
        shutil.copytree(self._real.path / "app", tree / "app")
        return tree

    def drop(self, name: str) -> None:
        """See ``Worktree.drop``."""
        shutil.rmtree(self._real.trees / name)


def prompt_of(source: str) -> str:
    """The prompt that stands in prompts.py."""
    return str(ast.literal_eval(source.partition("=")[2].strip()))


def play(tree: Path, seed: int, null: bool, flags: Mapping[str, object], child: bool) -> Row:
    """One run of the loop, and what its branch is truly worth."""
    os.environ.update(PEERS_SEED=str(seed), PEERS_NULL=str(int(null)))
    given = {"seed": seed, "proposers": ["ideas.py:propose"], "holdout": "evals/sealed.jsonl", "goals": [GOAL], **flags}
    began = time.monotonic()
    with session.new(repo(tree), given, session.Kit(Silent()), snapshot=False) as sitting:
        if not child:
            fast = replace(sitting.wiring, host=InProcess(seed, null), worktree=Copies(sitting.wiring.worktree))
            sitting = replace(sitting, wiring=fast)
        sitting.begin()
        outcome = sitting.outcome()
    prompt = prompt_of(git(tree, "show", f"{outcome.branch}:app/prompts.py"))
    kept = [trial for trial in outcome.trials if trial.stage == "kept"]
    return Row(
        name_of(flags),
        null,
        seed,
        task.accuracy(prompt, null=null),
        claimed(outcome, kept),
        bool(kept),
        null and bool(kept),
        outcome.spend.calls,
        round(time.monotonic() - began, 1),
    )


def claimed(outcome: Outcome, kept: Sequence[Trial]) -> float:
    """Accuracy on the sealed cases that the report states: of the version kept last, else of the app as found."""
    last = kept[-1].decision if kept else None
    if last is not None and len(outcome.course) <= len(kept):  # the budget ended before it was measured afresh
        return last.comparison.after or 0.0
    return next(summary.mean or 0.0 for summary in outcome.course[-1] if summary.metric == "accuracy")


def name_of(flags: Mapping[str, object]) -> str:
    """How a row is called: the command that a user would type."""
    budget = flags.get("budget")
    words = [f"--budget-calls {budget['calls']}"] if isinstance(budget, dict) else []
    return " ".join(["harness run", *(f"--{key} {value}" for key, value in flags.items() if key != "budget"), *words])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1-30")
    parser.add_argument("--null", action="store_true", help="the task in which no prompt is better")
    parser.add_argument("--calls", type=int, help="budget of model calls; left out = none")
    parser.add_argument("--set", action="append", default=[], help="another setting, KEY=JSON")
    parser.add_argument("--child", action="store_true", help="run the app in a child process, as a user's run does")
    parser.add_argument("--folder", help="where the repositories are made; one in memory is faster")
    arguments = parser.parse_args()
    low, high = map(int, arguments.seeds.split("-"))
    flags = {key: json.loads(value) for key, _, value in (entry.partition("=") for entry in arguments.set)}
    if arguments.calls:
        flags["budget"] = {"calls": arguments.calls}
    for seed in range(low, high + 1):
        with tempfile.TemporaryDirectory(prefix="peers-", dir=arguments.folder) as folder:
            row = play(Path(folder) / "app", seed, arguments.null, flags, arguments.child)
        print(json.dumps(asdict(row)), flush=True)


if __name__ == "__main__":
    main()
