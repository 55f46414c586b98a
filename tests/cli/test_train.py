"""``harness train`` as a user runs it: bad input in words, a job from a run's dev cases, nothing loaded early."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.repo import Repo
from harness.training import examples
from tests.cli.conftest import Recorded
from tests.conftest import git
from tests.e2e.conftest import harness
from tests.training.conftest import lesson, write


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with nothing but examples."""
    write(tmp_path / "examples.jsonl", lesson(30))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "examples")
    return tmp_path


def test_nothing_of_training_is_loaded_before_it_is_needed(tree: Path) -> None:
    commands = (["--help"], ["train", "--help"], ["train", "list"], ["train", "methods", "lora"], ["runs"])
    code = (
        "import sys\nfrom harness.cli import app\n"
        f"for arguments in {commands!r}:\n"
        "    try:\n        app(arguments, standalone_mode=False)\n    except SystemExit:\n        pass\n"
        "    print([name for name in ('torch', 'transformers', 'peft', 'bitsandbytes') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=True)
    told = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert told == ["[]"] * len(commands)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no examples are named"),
        (["examples.jsonl", "--from-cases", "x.jsonl"], "examples are named twice"),
        (["nowhere.jsonl"], "cannot be read"),
        (["examples.jsonl", "--method", "ia3"], "there is no method 'ia3'"),
        (["examples.jsonl", "--set", "lora_rank"], "names no value"),
        (["examples.jsonl", "--set", "prefixLength=3"], "prefix_length is a parameter of prefix, not of lora"),
        (["examples.jsonl", "--base", "no_such_base"], "there is no base 'no_such_base'"),
        (["examples.jsonl", "--template", "fancy"], "there is no template 'fancy'"),
    ],
)
def test_bad_input_is_said_before_a_job_is_made(tree: Path, arguments: list[str], said: str) -> None:
    done = harness(tree, "train", "start", *arguments)
    assert (done.code, said in done.err) == (2, True), done.err
    assert harness(tree, "train", "list", "--json").data == {"jobs": []}


def test_a_job_of_a_run_learns_from_dev_cases_alone(recorded: Recorded, tmp_path: Path) -> None:
    tree = Path(shutil.copytree(recorded.tree, tmp_path / "copy"))
    done = harness(
        tree, "train", "start", "--from-run", recorded.run, "--node", "classify", "--field", "expected_intent",
        "--set", "epochs=1", "--wait", "--json", env={"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.code == 0, done.err
    told = done.data
    assert told["state"] == "succeeded"
    assert Path(told["result"], "adapter_model.safetensors").is_file()
    assert told["metrics"]["validation_loss"] > 0
    learnt = examples.load(Path(told["folder"]) / "data.jsonl")
    texts = {one.messages[-2]["content"] for one in learnt}
    rows = [json.loads(line) for line in (tree / "evals/cases.jsonl").read_text("utf-8").splitlines()]
    dev, sealed = (
        {row["input"]["ticket"] for row in rows if row["id"] in ids} for ids in (recorded.dev, recorded.holdout)
    )
    assert texts
    assert texts <= dev
    assert not texts & (sealed - dev)
    shown = harness(tree, "train", "show", told["job"], "--chart", str(tmp_path / "loss.svg"))
    assert "result     " in shown.out
    assert (tmp_path / "loss.svg").read_text("utf-8").startswith("<svg")
    kinds = {one["kind"] for one in harness(tree, "train", "events", told["job"], "--json").data["events"]}
    assert {"status_change", "metric_update"} <= kinds
    out = tmp_path / "out"
    assert harness(tree, "train", "export", told["job"], str(out)).code == 0
    assert (out / "harness-training.json").is_file()
    again = harness(tree, "train", "export", told["job"], str(out))
    assert (again.code, "it is there already" in again.err) == (2, True)


def test_where_a_run_calls_more_than_one_model_the_node_is_said(recorded: Recorded) -> None:
    done = harness(recorded.tree, "train", "start", "--from-run", recorded.run)
    assert (done.code, "--node classify or respond" in done.err) == (2, True), done.err
    done = harness(recorded.tree, "train", "start", "--from-run", recorded.run, "--node", "nowhere")
    assert (done.code, "0 examples, at least 10" in done.err) == (2, True), done.err


def test_methods_are_compared_and_one_is_advised(tree: Path) -> None:
    told = harness(tree, "train", "methods", "--json").data
    assert [row["method"] for row in told["methods"]] == ["full", "lora", "qlora", "prefix", "adapter"]
    assert told["advice"]["method"] == "lora"
    none = harness(tree, "train", "methods", "--memory", "0.01", "--json").data
    assert none["advice"]["method"] == ""
    one = harness(tree, "train", "methods", "prefix")
    assert "prefix_length" in one.out
    assert "1 to 100" in one.out


def test_jobs_are_told_where_none_is(tree: Path) -> None:
    assert "no training job was started here" in harness(tree, "train", "list").out
    for command in ("show", "cancel", "resume", "events"):
        done = harness(tree, "train", command)
        assert (done.code, "no training job" in done.err) == (2, True)
    assert Repo.open(tree).home.is_dir()
