"""What `harness nodes` takes on a large, synthetic repository: cold and from its cache, as whole processes.

    python -m benchmarks.nodes [--files 300] [--lines 60000] [--graphs 4] [--rounds 5] [--seed 42]

Seconds are wall and CPU seconds of the process from its start to its end; memory is its peak.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.bench import git

_WORDS = "order parcel refund ticket shelf invoice label route quote stock price claim".split()  # noqa: SIM905
_HELP = "def ask(messages): return make().invoke(messages)"


def write(root: Path, files: int, lines: int, graphs: int, rng: random.Random) -> None:
    """A repository of packages: models, prompts, helpers and nodes spread over modules, the rest plain code."""
    each = lines // files
    parts = [f"pkg{number // 30}/mod{number}" for number in range(files - graphs - 2)]
    _module(root / "models.py", list(_models()), each, rng)
    _module(root / "llms.py", ["from models import make", _HELP], each, rng)
    for number, part in enumerate(parts):
        _module(root / f"{part}.py", list(_node(number, part, parts, rng)), each, rng)
    for number in range(graphs):
        own = parts[number::graphs][:40]
        _module(root / f"graph{number}.py", list(_graph(own)), each, rng)
    (root / "langgraph.json").write_text('{"graphs": {"app": "./graph0.py:graph"}}')


def _models() -> Iterator[str]:
    yield "from langchain_openai import ChatOpenAI"
    yield "def make(temperature=0.2): return ChatOpenAI(model='gpt-4o-mini', temperature=temperature, max_tokens=200)"


def _node(number: int, part: str, parts: list[str], rng: random.Random) -> Iterator[str]:
    name = part.rpartition("/")[2]
    other = rng.choice(parts[: number + 1]).replace("/", ".")
    yield "from langchain_core.messages import HumanMessage, SystemMessage"
    yield "from llms import ask"
    yield "from models import make"
    yield f"import {other} as other"
    text = " ".join(rng.choices(_WORDS, k=40))
    yield f"PROMPT = '''You sort what customers write: {text}."
    yield "Reply with one label for {ticket} and nothing else.'''"
    yield f"def help_{name}(state, text=PROMPT):"
    yield "    told = text.format(ticket=state['ticket'])"
    yield "    return [SystemMessage(content=told), HumanMessage(content=state['ticket'])]"
    yield f"def {name}(state):"
    yield f"    messages = help_{name}(state)"
    yield f"    found = {rng.choice(['ask(messages)', 'make(0.5).invoke(messages)'])}"
    yield "    for _ in range(3):"
    yield "        messages = clean(messages)"
    yield "    return {'label': found.content, 'seen': other.__name__}"
    yield "def clean(messages): return [m for m in messages if m]"


def _graph(parts: list[str]) -> Iterator[str]:
    yield "from langgraph.graph import END, START, StateGraph"
    yield "from typing import TypedDict"
    yield "class State(TypedDict):\n    ticket: str\n    label: str"
    for part in parts:
        yield f"from {part.replace('/', '.')} import {part.rpartition('/')[2]}"
    yield "builder = StateGraph(State)"
    names = [part.rpartition("/")[2] for part in parts]
    yield from (f"builder.add_node('{name}', {name})" for name in names)
    yield from (f"builder.add_edge({a!r}, {b!r})" for a, b in pairwise(names))
    yield f"builder.add_edge(START, {names[0]!r})"
    yield f"builder.add_conditional_edges({names[-1]!r}, lambda s: s['label'], {{'again': {names[0]!r}, 'done': END}})"
    yield "graph = builder.compile()"


def _module(path: Path, code: list[str], lines: int, rng: random.Random) -> None:
    """The code, then plain functions and classes up to so many lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch() if path.parent.name.startswith("pkg") else None
    written = "\n".join(code).count("\n") + 1
    number = 0
    while written < lines:
        a, b = rng.sample(_WORDS, 2)
        code += [
            f"class {a.title()}{number}:",
            f"    {b} = {rng.randrange(1000)}",
            f"    def {b}_of(self, {a}, rows=()):",
            f'        """The {b} of one {a}."""',
            f"        kept = [row for row in rows if row.get('{a}') != self.{b}]",
            f"        if not kept and {a} is not None:",
            f"            raise ValueError(f'no {b} for {{{a}}}')",
            f"        return {{'{a}': {a}, 'rows': kept, 'total': sum(len(str(row)) for row in kept)}}",
            "",
        ]
        written, number = written + 9, number + 1
    path.write_text("\n".join(code) + "\n")


def measured(root: Path, *flags: str) -> tuple[float, float, float]:
    """(wall seconds, CPU seconds, peak MB) of one `harness nodes` in the repository."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", _CHILD, *flags]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, float(done.stderr.splitlines()[-1])


_CHILD = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr))
sys.argv = ["harness", "nodes", *sys.argv[1:]]
from harness.__main__ import main
main()
"""


def main() -> None:
    """Write the repository, measure it cold and warm, print the medians and the worst."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("files", 300), ("lines", 60_000), ("graphs", 4), ("rounds", 5), ("seed", 42)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, options.files, options.lines, options.graphs, random.Random(options.seed))
        count = [len(p.read_text().splitlines()) for p in root.rglob("*.py")]
        print(f"{len(count)} files, {sum(count):,} lines, {options.graphs} graphs of 40 nodes, one of them read")
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "synthetic")):
            git(root, *command)
        for title, cold in (("cold", True), ("warm", False)):
            found = []
            for _ in range(options.rounds):
                if cold:
                    for file in (root / ".harness/found").glob("*"):
                        file.unlink()
                found.append(measured(root))
            for what, column in (("wall s", 0), ("CPU s", 1), ("peak MB", 2)):
                values = sorted(row[column] for row in found)
                middle = values[len(values) // 2]
                print(f"{title}: {what} median {middle:.2f}, least {values[0]:.2f}, most {values[-1]:.2f}")


if __name__ == "__main__":
    main()
