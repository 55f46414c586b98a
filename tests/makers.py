"""Small nouns for tests: everything that a test does not speak of has a plain default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.types import (
    Brief,
    Call,
    Case,
    Direction,
    Fault,
    FaultKind,
    Goal,
    Node,
    Observation,
    Parts,
    Prompt,
    Run,
    Span,
    Variable,
)


def case(id: str = "c1", inputs: Mapping[str, Any] | None = None, **expected: Any) -> Case:
    return Case(id, inputs or {"ticket": "Where is my parcel?"}, expected)


def call(node: str = "classify", text: str = "billing", **changes: Any) -> Call:
    plain: dict[str, Any] = {
        "key": f"{node}:{text}",
        "node": node,
        "step": 1,
        "position": 0,
        "model": "acme:small",
        "messages": ({"role": "human", "content": "Where is my parcel?"},),
        "parameters": {},
        "text": text,
        "response": {},
        "tokens_in": 100,
        "tokens_out": 10,
        "seconds": 0.5,
    }
    return Call(**{**plain, **changes})


def run(
    output: Any = None, *calls: Call, case: str = "c1", k: int = 0, fault: Fault | None = None, seconds: float = 1.0
) -> Run:
    return Run(case, k, "", "abc", output, fault, calls, seconds)


def fault(kind: FaultKind) -> Fault:
    return Fault(kind, "ValueError", "broken")


def node(name: str = "classify", **changes: Any) -> Node:
    plain: dict[str, Any] = {
        "name": name,
        "graph_file": "graph.py",
        "line": 3,
        "function": name,
        "file": "nodes.py",
        "first_line": 1,
        "last_line": 9,
        "is_llm": True,
        "why": "calls llm.invoke",
    }
    return Node(**{**plain, **changes})


def prompt(*parts: str | Variable, role: str = "human", nodes: Sequence[str] = ("classify",), **changes: Any) -> Prompt:
    plain: dict[str, Any] = {
        "id": "prompts.py:P",
        "span": Span("prompts.py", 0, 10, 1, 1),
        "kind": "constant",
        "template": "format",
        "proof": "proved",
    }
    return Prompt(**{**plain, "role": role, "parts": parts, "nodes": tuple(nodes), **changes})


def var(name: str) -> Variable:
    return Variable(name, "{" + name + "}")


def seen(text: str, answer: str, wanted: str | None, **changes: Any) -> Observation:
    plain: dict[str, Any] = {
        "case": text[:20],
        "category": "",
        "messages": ({"role": "human", "content": text},),
        "filled": {"ticket": text},
        "answer": answer,
        "wanted": wanted,
        "output": {},
        "expected": {},
        "score": None if wanted is None else float(wanted == answer),
    }
    return Observation(**{**plain, **changes})


def brief(
    prompt: Prompt, observations: Sequence[Observation], tried: Sequence[str] = (), direction: Direction = "higher"
) -> Brief:
    goal = Goal("accuracy", direction, 0.9)
    return Brief(node(), prompt, tuple(observations), goal, direction, tuple(tried), 42)


def words_of(parts: Parts) -> str:
    return "".join(p if isinstance(p, str) else p.source for p in parts)
