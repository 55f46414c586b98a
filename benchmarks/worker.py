"""What a candidate costs beyond its model calls: opening it, and 200 runs of the toy app, whose calls cost nothing.

``python -m benchmarks.worker``. Wall seconds, so run it on an idle machine.
"The graph alone" is the same 200 runs by a plain ``graph.invoke`` in one process: LangGraph's own share.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from harness.app import AppHost, AppOptions
from harness.types import Call, Case, Job

TREE = Path(__file__).resolve().parent.parent / "tests/toyapps/classify"
RUNS = 200
ALONE = """
import json, sys, time
from app.graph import graph
inputs = json.load(sys.stdin)
graph.invoke(inputs[0])
began = time.monotonic()
for item in inputs:
    graph.invoke(item)
print(time.monotonic() - began)
"""


@contextmanager
def timed(label: str) -> Iterator[None]:
    """Print the wall seconds that the block took."""
    began = time.monotonic()
    yield
    print(f"{label:48} {time.monotonic() - began:7.3f} s")


def jobs() -> list[Job]:
    """RUNS jobs over the toy's cases, repeated with further run indices."""
    rows = [json.loads(line) for line in (TREE / "evals/cases.jsonl").read_text().splitlines()]
    cases = [Case(row["id"], row["input"], {}) for row in rows]
    return [Job(cases[n % len(cases)], n // len(cases), seed=n) for n in range(RUNS)]


def main() -> None:
    """Measure and print."""
    calls: list[tuple[Job, Call]] = []
    host = AppHost(sys.executable, "app/graph.py:graph", AppOptions())
    with timed("first open (starts and preloads the host)"):
        host.open(TREE, "first").close()
    with timed("open of a candidate"):
        app = host.open(TREE, "candidate")
    with timed(f"{RUNS} runs, 2 calls each, all made"):
        list(app.run(jobs(), lambda job, call: calls.append((job, call))))
    known: dict[tuple[str, int], dict[str, Call]] = {}
    for job, call in calls:
        known.setdefault((job.case.id, job.k), {})[call.key] = call
    with timed(f"{RUNS} runs, all replayed"):
        list(app.run([replace(job, replay=known[job.case.id, job.k]) for job in jobs()], lambda *_: None))
    with timed("close"):
        app.close()
        host.close()
    inputs = json.dumps([dict(job.case.inputs) for job in jobs()])
    done = subprocess.run(
        [sys.executable, "-c", ALONE], input=inputs, cwd=TREE, capture_output=True, check=True, text=True
    )
    print(f"{f'the graph alone, {RUNS} runs in a plain loop':48} {float(done.stdout):7.3f} s")


if __name__ == "__main__":
    main()
