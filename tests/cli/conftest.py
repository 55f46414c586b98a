"""One small finished run, made once and only read; and repos that lack what `init` writes."""

from __future__ import annotations

import os
import pty
import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench import toy
from benchmarks.forked import as_command
from harness import cases
from tests.conftest import git
from tests.e2e.conftest import harness

CASES = 96  # enough for a sealed holdout


@dataclass(frozen=True)
class Recorded:
    """A repo with one finished run that kept a change."""

    tree: Path
    run: str
    told: Mapping[str, Any]  # what `run --json` said
    dev: tuple[str, ...]  # ids
    holdout: tuple[str, ...]  # ids


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Not to be written to: other tests read it too."""
    tree = toy("classify", tmp_path_factory.mktemp("recorded") / "classify", CASES)
    (tree / "fine-tune.md").write_text("## Optimization Objectives\n\n- **Accuracy**: 70% or higher\n", "utf-8")
    git(tree, "commit", "-qam", "one goal")
    said = harness(tree, "run", "--runs", "2", "--seed", "7", "--max-iterations", "1", "--json")
    assert said.data["kept"], said.err
    split = cases.split(cases.load(tree / "evals/cases.jsonl"))
    ids = (tuple(case.id for case in part) for part in (split.dev, split.holdout))
    return Recorded(tree.resolve(), said.data["run"], said.data, *ids)


@pytest.fixture
def bare_app(toy_tree: Callable[[str], Path]) -> Callable[..., Path]:
    """``bare_app(name, **files)``: a toy app under git without goals, cases, langgraph.json; files added by name."""

    def make(name: str, files: Mapping[str, str] | None = None) -> Path:
        tree = toy_tree(name)
        for left in ("fine-tune.md", "langgraph.json", "evals/cases.jsonl", "evals/make_cases.py"):
            (tree / left).unlink(missing_ok=True)
        for path, text in (files or {}).items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(text.encode())
        git(tree, "init", "-q")
        git(tree, "add", "-A")
        git(tree, "commit", "-qm", "app")
        return tree

    return make


def on_terminal(tree: Path, arguments: Sequence[str], answers: Sequence[str]) -> tuple[int, str]:
    """``harness`` on a terminal of its own, each answer given when a question waits; exit code and what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os._exit(as_command(tree, arguments, {}))
    shown, waiting, gone = b"", list(answers), False
    while True:
        ready, _, _ = select.select([terminal], [], [], 300)
        try:
            data = os.read(terminal, 65536) if ready else b""
        except OSError:  # the other end is gone
            gone = True
            break
        if not data:
            break
        shown += data
        if waiting and shown.rstrip().endswith(b":"):
            os.write(terminal, f"{waiting.pop(0)}\n".encode())
    if not gone:
        os.close(terminal)  # hangs up on a command that still waits for an answer
    _, status = os.waitpid(pid, 0)
    if gone:
        os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown.decode().replace("\r", "")
