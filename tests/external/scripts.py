"""Small evaluation scripts, and trees that hold nothing but one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.external import CommandApp, CommandHost, CommandOptions
from harness.types import Call, Case, Job, Run

HEAD = """
import json, os, pathlib, sys
out = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
everything = [f"q{n}" for n in range(6)]
wanted = os.environ.get("HARNESS_CASES")
ids = pathlib.Path(wanted).read_text().split() if wanted else everything
def write(rows):
    out.write_text(json.dumps({"case_results": rows}))
"""
GOOD = (
    HEAD + 'write([{"case_id": i, "correct": True, "latency": 0.5, "cost": 0.01, "answer": f"is {i}"} for i in ids])\n'
)
ALL = GOOD.replace("for i in ids", "for i in everything")


def tree(folder: Path, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluate.py").write_text(script, "utf-8")
    return folder


def host(command: str = "", **options: Any) -> CommandHost:
    return CommandHost(CommandOptions(command or f"{sys.executable} evaluate.py", **options))


def app(folder: Path, script: str, **options: Any) -> CommandApp:
    return host(**options).open(tree(folder, script), "v1")


def jobs(*ids: str, ks: int = 1, salt: str = "", **inputs: Any) -> list[Job]:
    return [
        Job(Case(name, dict(inputs) or {"text": f"What is {name}?"}, {}), k, k, salt) for k in range(ks) for name in ids
    ]


def runs_of(app: CommandApp, jobs: list[Job]) -> tuple[Mapping[tuple[str, int], Run], list[Call]]:
    """Runs by case and run index, and the calls that were counted."""
    calls: list[Call] = []
    runs = list(app.run(jobs, lambda _, call: calls.append(call)))
    assert len(runs) == len(jobs)
    return {(run.case, run.k): run for run in runs}, calls
