"""Ten thousand generated sources and mutated real files through the static reading: no crash, no hang, errors as notes.

    python -m benchmarks.reading [FOLDER ...] [--sources 10000] [--mutants 500] [--seed 42] [--limit 5]

Sources come of a seeded grammar of everything that apps are written with, right and wrong. Mutants are files of the
FOLDERs, changed at random and read in their repository's place with the rest of it. What fails is printed with its seed
and kept below /tmp/harness-reading.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from harness.discover import Files, discover
from harness.types import Discovery

KEPT = Path(tempfile.gettempdir()) / "harness-reading"
_PLACE = re.compile(r"^[^\s:]+(:\d+)?: ")
_NAMES = "a b c llm model prompt TEXT state builder graph tools chain messages self config".split()  # noqa: SIM905
_HEAD = """from langchain_openai import ChatOpenAI
from langchain_core.messages import SystemMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, PromptTemplate
from langchain_core.tools import tool
from langgraph.graph import StateGraph, START, END
from langgraph.types import Command, Send
from langgraph.func import task, entrypoint
from langgraph.prebuilt import create_react_agent, ToolNode
from functools import partial
import app, other
llm = ChatOpenAI(model='m', temperature=0.2)
builder = StateGraph(dict)
"""


class Grammar:
    """Python, most of it right, of a given seed."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def source(self) -> str:
        """One module."""
        body = "\n".join(line for _ in range(self.rng.randint(1, 14)) for line in self.statement(0))
        text = f"{_HEAD if self.rng.random() < 0.9 else ''}{body}\ngraph = builder.compile()\n"
        if self.rng.random() < 0.15:
            at = self.rng.randrange(len(text))
            text = text[:at] + self.rng.choice("()'\"{}[]:\\\n\t\x00é") + text[at:]
        return text

    def statement(self, depth: int) -> list[str]:
        """One statement with what is in it."""
        pick = self.rng.choice
        if depth > 3:
            return [f"{pick(_NAMES)} = {self.expression(3)}"]
        plain = [
            lambda: [f"{self.target()} = {self.expression(0)}"],
            lambda: [f"{pick(_NAMES)} += {self.expression(1)}"],
            lambda: [self.expression(0)],
            lambda: [f"builder.add_node({pick(_NAMES)!r}, {self.expression(1)})"],
            lambda: [f"builder.add_node({self.expression(2)})"],
            lambda: [f"builder.add_edge({self.end()}, {self.end()})"],
            lambda: [f"builder.add_conditional_edges({self.end()}, {self.expression(1)}, {self.expression(1)})"],
            lambda: [f"builder.add_conditional_edges({self.end()}, {self.expression(1)})"],
            lambda: [f"from {pick(['app', 'other', '.', '.app', 'json'])} import {pick([*_NAMES, '*'])}"],
            lambda: [f"return {self.expression(0)}"] if depth else ["pass"],
            lambda: [f"global {pick(_NAMES)}"] if depth else ["pass"],
        ]
        blocks = [
            f"def {pick(_NAMES)}(state, *args, text={self.expression(2)}, **kw):",
            f"async def {pick(_NAMES)}(state: {pick(_NAMES)}) -> Command[Literal['a', 'b']]:",
            f"@{pick(['tool', 'task', 'entrypoint()', 'property', 'partial(a, 1)'])}",
            f"class {pick(_NAMES)}({pick(['', *_NAMES])}):",
            f"if {self.expression(2)}:", f"for {self.target()} in {self.expression(1)}:",
            f"while {self.expression(2)}:",
            f"with {self.expression(2)} as {pick(_NAMES)}:", "try:", f"match {self.expression(2)}:",
        ]  # fmt: skip
        if self.rng.random() < 0.6:
            return pick(plain)()
        return self._block(pick(blocks), depth)

    def _block(self, head: str, depth: int) -> list[str]:
        inner = [f"    {line}" for _ in range(self.rng.randint(1, 4)) for line in self.statement(depth + 1)]
        if head.startswith("@"):
            return [head, f"def {self.rng.choice(_NAMES)}(a, b=None):", "    '''Say what it does.'''", *inner]
        if head == "try:":
            return [head, *inner, "except Exception as a:", *inner, "finally:", "    pass"]
        if head.startswith("match"):
            return [head, "    case {'a': b, **c}:", *(f"    {line}" for line in inner), "    case _:", "        pass"]
        return [head, *inner]

    def target(self) -> str:
        """What is assigned to."""
        a, b = self.rng.choices(_NAMES, k=2)
        return self.rng.choice([a, f"{a}, {b}", f"{a}.{b}", f"{a}[{b!r}]", f"[{a}, *{b}]", f"self.{a}"])

    def end(self) -> str:
        """One end of an edge."""
        return self.rng.choice(
            ["START", "END", repr(self.rng.choice(_NAMES)), f"[{self.rng.choice(_NAMES)!r}, 'x']", "a"]
        )

    def expression(self, depth: int) -> str:
        """Anything that has a value."""
        a, b = self.rng.choices(_NAMES, k=2)
        if depth > 3:
            return self.rng.choice([a, repr(a), "1", "None"])
        x, y = self.expression(depth + 1), self.expression(depth + self.rng.randint(1, 2))
        return self.rng.choice([
            a, f"'You sort {{{a}}} into labels.'", f"f'Say {{{a}}} of {{{b}!r:>10}} now'", "1.5", f"{a}.{b}",
            f"{a}({x})", f"({x}) + ({y})", f"({x}) | ({y})", f"({x}) % ({y})", f"[{x}, {y}]", f"({x}, {y})",
            f"{{'role': 'system', 'content': {x}}}", f"{{{x}: {y}, **{a}}}", f"[{x} for {a} in {y}]",
            f"{{{a}: {b} for {a}, {b} in {x}}}", f"lambda {a}: {x}",
            f"llm.invoke([SystemMessage(content={x}), ({y})])", f"({x}).invoke({y})",
            f"llm.bind_tools({x}).with_structured_output({y})",
            f"ChatPromptTemplate.from_messages([('system', {x}), {y}])",
            f"PromptTemplate.from_template({x}).format(a={y})", f"({x}).format({a}={y})", f"'{a}'.join({x})",
            f"partial({a}, {x}, {b}={y})", f"({x})[{y}]", f"({x})[1:]", f"Command(goto={x}, update={y})",
            f"[Send({x}, {y}) for _ in {a}]", f"create_react_agent(llm, {x}, prompt={y})", f"ToolNode({x})",
            f"({x} if {y} else {a})", f"({x} or {y})", f"open({x}).read()", f"getattr({a}, {b!r})", f"*{a}",
            f"(yield {x})", f"({a} := {x})", f"StateGraph(dict).add_node({x}, {y}).compile()", f"not {x}",
            f"{a} < {x}",
        ])  # fmt: skip


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """The file with one to six pieces cut, doubled, swapped or overwritten."""
    for _ in range(rng.randint(1, 6)):
        if not raw:
            return b"("
        a, b = sorted(rng.randrange(len(raw) + 1) for _ in range(2))
        b = min(b, a + rng.choice([1, 4, 40, 400, 4000]))
        piece = raw[a:b]
        kind = rng.randrange(5)
        if kind == 4:  # a whole line moved, which often leaves the file right
            lines = raw.splitlines(keepends=True)
            lines.insert(rng.randrange(len(lines) + 1), lines.pop(rng.randrange(len(lines))))
            raw = b"".join(lines)
        else:
            raw = raw[:a] + (b"", piece * 2, piece[::-1], rng.randbytes(3))[kind] + raw[b:]
    return raw


def wrong(found: Discovery, root: Path) -> Iterator[str]:
    """What must not be in any reading."""
    known = {prompt.id for prompt in found.prompts}
    for node in found.nodes:
        if not set(node.prompts) <= known:
            yield f"node {node.name} names a prompt that is not there"
    for prompt in found.prompts:
        size = (root / prompt.span.file).stat().st_size
        if not 0 <= prompt.span.start <= prompt.span.end <= size:
            yield f"{prompt.id} lies outside of its file"
    for note in found.notes:
        if "cannot be read" in note and not _PLACE.match(note):
            yield f"a note without a place: {note}"


class HangError(BaseException):
    """A reading took too long."""


def _too_long(number: int, frame: FrameType | None) -> None:
    raise HangError


class Soak:
    """Readings, one after another, with what came of them."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.counts: Counter[str] = Counter()
        self.slowest = 0.0

    def read(self, root: Path, title: str) -> None:
        """Read every graph of ``root``; what fails is counted, printed and kept."""
        signal.signal(signal.SIGVTALRM, _too_long)
        signal.setitimer(signal.ITIMER_VIRTUAL, 2 * self.limit)
        begun = time.process_time()
        try:
            found = discover(root, "", Files(root))
        except Exception as error:  # noqa: BLE001 - it is what is looked for
            self._fail(root, title, f"crash {type(error).__name__}", traceback.format_exc())
            return
        except HangError:
            self._fail(root, title, "hang", traceback.format_exc(limit=-12))
            return
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        seconds = time.process_time() - begun
        self.slowest = max(self.slowest, seconds)
        self.counts["read"] += 1
        self.counts["nodes"] += len(found.nodes)
        self.counts["prompts"] += len(found.prompts)
        self.counts["notes"] += len(found.notes)
        if seconds > self.limit:
            self._fail(root, title, "hang", f"{seconds:.1f} s")
        for said in wrong(found, root):
            self._fail(root, title, "wrong", said)

    def _fail(self, root: Path, title: str, kind: str, said: str) -> None:
        self.counts[kind] += 1
        print(f"{title}: {kind}: {said}", flush=True)
        place = KEPT / title.replace(" ", "-").replace("/", "-")
        if not place.exists():
            shutil.copytree(root, place, ignore=shutil.ignore_patterns(".*"), symlinks=True)

    def end(self, title: str) -> None:
        """Print the counts."""
        print(f"{title}: {dict(self.counts)}, slowest {self.slowest:.2f} CPU s", flush=True)


def main() -> None:
    """Read, print, and leave with 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    for name, default in (("sources", 10_000), ("mutants", 500), ("seed", 42)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--limit", type=float, default=5.0)
    options = parser.parse_args()
    made, changed = Soak(options.limit), Soak(options.limit)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(options.sources):
            rng = random.Random(f"{options.seed}:{number}")
            for name in ("app.py", "other.py"):
                (root / name).write_text(Grammar(rng).source())
            made.read(root, f"source {number}")
        made.end("generated")
        files = [
            (base, file.relative_to(base))
            for base in options.folders
            for file in sorted(base.rglob("*.py"))
            if "site-packages" not in file.parts and not any(p.startswith(".") for p in file.relative_to(base).parts)
        ]
        for number in range(options.mutants if files else 0):
            rng = random.Random(f"{options.seed}:mutant {number}")
            base, file = rng.choice(files)
            copy = root / "copy"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(base, copy, ignore=shutil.ignore_patterns(".*", "*.ipynb", "*.png"), symlinks=True)
            target = (copy / file).resolve()
            if not target.is_relative_to(copy.resolve()):
                continue  # a link that leads out of the copy: nothing of the folders given is written
            target.write_bytes(mutated((base / file).read_bytes(), rng))
            changed.read(copy, f"mutant {number} {file}")
        changed.end("mutated")
    sys.exit(any(soak.counts[kind] for soak in (made, changed) for kind in soak.counts if kind not in _GOOD))


_GOOD = {"read", "nodes", "prompts", "notes"}


if __name__ == "__main__":
    main()
