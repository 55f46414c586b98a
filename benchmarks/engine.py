"""What the engine adds to the app's own work: cases through a one-node graph, bare LangGraph beside it in turn.

    python -m benchmarks.engine [--calls 2000] [--seconds 0.05] [--concurrency 50,100] [--workers 2] [--sync] [--json]

The node asks ChatOpenAI, which talks to a loopback server that answers after ``--seconds``. "Bare" is one process
that runs the same graph with ``graph.abatch`` (``graph.batch`` with ``--sync``) at the same concurrency and records
nothing. Needs langchain-openai (extra ``dev``). Wall seconds: run it on an idle machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from harness.app import AppHost, AppOptions
from harness.types import Case, Job

APP = """
from typing import TypedDict
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph

class State(TypedDict, total=False):
    question: str
    answer: str

model = ChatOpenAI(model="loopback", base_url={url!r}, api_key="none", max_retries=0)

{function}

builder = StateGraph(State)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
builder.add_edge("answer", END)
graph = builder.compile()
"""
ASYNC = """async def answer(state: State) -> State:
    return {"answer": (await model.ainvoke("Answer briefly: " + state["question"])).content}"""
SYNC = """def answer(state: State) -> State:
    return {"answer": model.invoke("Answer briefly: " + state["question"]).content}"""
BARE = """
import asyncio, json, resource, sys, time
from app import graph
calls, concurrency, sync = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "sync"
config = {"max_concurrency": concurrency}
def ask(numbers):
    inputs = [{"question": f"number {n}"} for n in numbers]
    if sync:
        return graph.batch(inputs, config)
    return asyncio.run_coroutine_threadsafe(graph.abatch(inputs, config), loop).result()
import threading
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
ask(range(concurrency))
before, began = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]), time.monotonic()
found = ask(range(calls))
wall = time.monotonic() - began
cpu = sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before
assert all(state["answer"] for state in found)
print(json.dumps({"wall": wall, "cpu": cpu}))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One concurrency."""

    concurrency: int
    bare_wall: float  # seconds
    wall: float
    wall_over_bare: float
    overhead_cpu_s_per_1000: float  # CPU seconds of client, host and workers beyond the bare graph's, per 1,000 calls
    rss_mb_per_worker: float  # largest resident set of a worker, MB


def serve(pipe: Connection, seconds: float) -> None:
    """A server with the chat completions of OpenAI that answers after ``seconds``; sends its port through ``pipe``."""
    reply = {
        **{"id": "x", "object": "chat.completion", "created": 0, "model": "loopback"},
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}],
        "usage": {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10},
    }
    body = json.dumps(reply).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                lines = asked.decode().lower().split("\r\n")
                length = next(int(line.partition(":")[2]) for line in lines if line.startswith("content-length:"))
                await reader.readexactly(length)
                await asyncio.sleep(seconds)
                writer.write(head + body)
        except asyncio.IncompleteReadError:
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def server(seconds: float) -> Iterator[str]:
    """The loopback server in a process of its own; its base URL."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, seconds), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/v1"
    finally:
        process.kill()
        process.join()


def bare(tree: Path, calls: int, concurrency: int, sync: bool) -> tuple[float, float]:
    """Wall and CPU seconds of the graph alone, after a warm-up."""
    arguments = [str(calls), str(concurrency), "sync" if sync else "async"]
    done = subprocess.run([sys.executable, "-c", BARE, *arguments], cwd=tree, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout)
    return found["wall"], found["cpu"]


def jobs(numbers: range) -> Iterator[Job]:
    """One job per number."""
    return (Job(Case(str(n), {"question": f"number {n}"}, {}), 0, seed=n) for n in numbers)


def descendants(pid: int) -> list[int]:
    """Processes started by ``pid``, and by those."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def cpu_of(pids: list[int]) -> float:
    """CPU seconds used by living processes."""
    ticks = os.sysconf("SC_CLK_TCK")
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum((int(row[11]) + int(row[12])) / ticks for row in fields)


def rss_of(pid: int) -> float:
    """Resident set of a process, MB; what it shares with its parent included."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def ours(tree: Path, calls: int, concurrency: int, workers: int) -> tuple[float, float, float]:
    """Wall and CPU seconds of the same calls through the engine, every call recorded; resident MB of a worker."""
    host = AppHost(sys.executable, "app.py:graph", AppOptions(concurrency=concurrency, workers=workers))
    app = host.open(tree, "engine")
    try:
        list(app.run(jobs(range(concurrency)), lambda *_: None))
        family = descendants(os.getpid())
        before = cpu_of(family) + time.process_time()
        began = time.monotonic()
        made: list[str] = []
        runs = list(app.run(jobs(range(calls)), lambda _, call: made.append(call.key)))
        wall = time.monotonic() - began
        cpu = cpu_of(family) + time.process_time() - before
        failed = [run.fault for run in runs if run.fault is not None]
        if failed or len(made) != calls:
            raise SystemExit(f"{len(failed)} failed, {len(made)} calls: {failed[:1]}")
        return wall, cpu, max(map(rss_of, family))
    finally:
        app.close()
        host.close()


def row(tree: Path, arguments: argparse.Namespace, concurrency: int) -> Row:
    """Both in turn, ``--repeats`` times; medians."""
    walls, bares, overheads, sizes = [], [], [], []
    for _ in range(arguments.repeats):
        bare_wall, bare_cpu = bare(tree, arguments.calls, concurrency, arguments.sync)
        wall, cpu, rss = ours(tree, arguments.calls, concurrency, arguments.workers)
        walls.append(wall)
        bares.append(bare_wall)
        overheads.append((cpu - bare_cpu) / arguments.calls * 1000)
        sizes.append(rss)
    ratio = statistics.median(a / b for a, b in zip(walls, bares, strict=True))
    middle = statistics.median
    return Row(concurrency, middle(bares), middle(walls), ratio, middle(overheads), max(sizes))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=0.05, help="until the server answers")
    parser.add_argument("--concurrency", default="50,100")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sync", action="store_true", help="a synchronous node")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {arguments.calls} calls of {arguments.seconds} s, {arguments.workers} workers")
    print("| at once | bare s | ours s | ours / bare | CPU s more per 1,000 calls | MB a worker |")
    print("|--:|--:|--:|--:|--:|--:|", flush=True)
    rows = []
    with tempfile.TemporaryDirectory(prefix="engine-") as name, server(arguments.seconds) as url:
        tree = Path(name)
        (tree / "app.py").write_text(APP.format(url=url, function=SYNC if arguments.sync else ASYNC), "utf-8")
        for concurrency in map(int, arguments.concurrency.split(",")):
            found = row(tree, arguments, concurrency)
            rows.append(found)
            numbers = f"{found.bare_wall:.2f} | {found.wall:.2f} | {found.wall_over_bare:.2f}"
            more = f"{found.overhead_cpu_s_per_1000:.2f} | {found.rss_mb_per_worker:.0f}"
            print(f"| {concurrency} | {numbers} | {more} |", flush=True)
    if arguments.json:
        worst = {key: max(asdict(item)[key] for item in rows) for key in list(asdict(rows[0]))[3:]}
        print(json.dumps(worst))


if __name__ == "__main__":
    main()
