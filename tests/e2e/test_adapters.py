"""An adapter goes through the real loop as a prompt does: proposed, measured, judged on sealed cases, committed.

The adapter is made by hand: beside a model of random weights it answers "a", whatever is asked. So it is right where
"a" is wanted, and nothing has to be trained.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.conftest import git
from tests.e2e.conftest import harness
from tests.models.conftest import make_folder, tokenizer

APP = '''"""Answers with one letter."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph

from harness.models import init_chat_model

MODEL = "local:models/tiny"
PROMPT = "Answer a or b."
model = init_chat_model(MODEL, temperature=0, max_tokens=1)


class State(TypedDict, total=False):
    question: str
    answer: str


def choose(state: State) -> State:
    return {"answer": str(model.invoke([("system", PROMPT), ("human", state["question"])]).content)}


builder = StateGraph(State)
builder.add_node("choose", choose)
builder.add_edge(START, "choose")
builder.add_edge("choose", END)
graph = builder.compile()
'''
GOALS = """# Goals

## Optimization Objectives
- **Accuracy**: 70% or higher
"""


def one_letter(base: Path, target: Path) -> Path:
    """A bottleneck that changes nothing but what the last layer says, and that into the direction of "a"."""
    weights = load_file(base / "model.safetensors")["model.embed_tokens.weight"].float()
    layers, hidden = 4, weights.shape[1]
    parts: dict[str, torch.Tensor] = {}
    for layer in range(layers):
        parts |= {f"{layer}.down.weight": torch.zeros(2, hidden), f"{layer}.down.bias": torch.zeros(2)}
        parts |= {f"{layer}.up.weight": torch.zeros(hidden, 2), f"{layer}.up.bias": torch.zeros(hidden)}
    letter = weights[tokenizer().encode("a", add_special_tokens=False).ids[0]]
    parts[f"{layers - 1}.up.bias"] = 1e4 * letter / letter.norm()
    target.mkdir()
    save_file(parts, target / "adapter_model.safetensors")
    config = {"peft_type": "BOTTLENECK", "base_model_name_or_path": "models/tiny", "activation": "relu"}
    (target / "adapter_config.json").write_text(json.dumps(config), "utf-8")
    return target


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    tree = tmp_path / "repo"
    (tree / "evals").mkdir(parents=True)
    make_folder(tree / "models" / "tiny")
    (tree / "app.py").write_text(APP, "utf-8")
    (tree / "fine-tune.md").write_text(GOALS, "utf-8")
    (tree / "harness.toml").write_text('graph = "app.py:graph"\nproposers = []\n', "utf-8")
    cases = [
        {"id": f"q{n}", "input": {"question": f"Question {n}?"}, "expected_answer": "b" if n % 12 == 0 else "a"}
        for n in range(96)
    ]
    (tree / "evals" / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), "utf-8")
    git(tree, "init", "-q", "-b", "main")
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "app")
    return tree


def test_an_adapter_is_kept_with_its_files(repo: Path, tmp_path: Path) -> None:
    adapter = one_letter(repo / "models" / "tiny", tmp_path / "mine")
    said = harness(repo, "run", "--adapter", str(adapter), "--runs", "1", "--json")
    assert said.code == 0, said.err
    (trial,) = said.data["trials"]
    assert (trial["technique"], trial["node"], trial["stage"]) == ("adapter", "choose", "kept")
    branch = said.data["branch"]
    changed = git(repo, "diff", "--name-only", f"main..{branch}", "--", ".", ":!reports").split()
    (folder,) = {Path(name).parent.as_posix() for name in changed if name != "app.py"}
    assert folder.startswith("adapters/adapter-")
    assert changed == [f"{folder}/adapter_config.json", f"{folder}/adapter_model.safetensors", "app.py"]
    assert f'MODEL = "local:{folder}"' in git(repo, "show", f"{branch}:app.py")
    report = git(repo, "show", f"{branch}:{said.data['report']}")
    assert "mine, an adapter of your own" in report
    assert git(repo, "status", "--porcelain") == ""
    git(repo, "merge", "-q", "--ff-only", branch)
    asked = "import app; print(app.graph.invoke({'question': 'Question 1?'})['answer'])"
    assert harness_python(repo, asked) == "a"


def harness_python(tree: Path, code: str) -> str:
    """What a program of the user's prints there."""
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_adapter_of_another_model_and_no_adapter_are_refused(repo: Path, tmp_path: Path) -> None:
    other = make_folder(tmp_path / "other")
    adapter = one_letter(repo / "models" / "tiny", tmp_path / "mine")
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    config["base_model_name_or_path"] = str(other)
    (adapter / "adapter_config.json").write_text(json.dumps(config), "utf-8")
    said = harness(repo, "run", "--adapter", str(adapter))
    assert (said.code, "this adapter is for" in said.err) == (2, True)
    said = harness(repo, "run", "--adapter", "evals")
    assert (said.code, "no adapter folder" in said.err) == (2, True)


def test_a_run_of_prompts_loads_no_torch(small_repo: Path) -> None:
    code = (
        "import sys; from harness.cli import app; from harness import plugins, session, loop, check, settings;"
        "from pathlib import Path; plugins.proposers(settings.load(Path(), {}).proposers, Path());"
        "print([n for n in ('torch', 'transformers', 'peft', 'harness.training') if n in sys.modules])"
    )
    assert harness_python(small_repo, code) == "[]"
