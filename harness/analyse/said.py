"""What each node said in each run, as marks that can be compared. Knows recorded calls; nothing of scores or graphs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from harness.types import Call, Json, Run


def order(runs: Sequence[Run]) -> tuple[str, ...]:
    """Nodes that called a model, in the order of their first superstep in any run, those of one step by name.

    "" stands for calls outside any node; it comes first.
    """
    first: dict[str, int] = {}
    for run in runs:
        for call in run.calls:
            first[call.node] = min(call.step, first.get(call.node, call.step))
    return tuple(sorted(first, key=lambda node: (first[node], node)))


def said(runs: Sequence[Run], nodes: Sequence[str]) -> Mapping[tuple[str, int], tuple[str, ...]]:
    """(case, k) -> a mark of all replies of each of ``nodes``: equal marks are equal texts, tools asked and errors."""
    return {(run.case, run.k): tuple(_mark(run, node) for node in nodes) for run in runs}


def _mark(run: Run, node: str) -> str:
    replies = [whole_reply(call) for call in run.calls if call.node == node]
    return hashlib.sha256(json.dumps(replies, sort_keys=True, default=str).encode()).hexdigest()[:16]


def whole_reply(call: Call) -> Json:
    """The text, the tools without the ids that differ in every call, and the error."""
    generations = call.response.get("generations") or [{}]
    tools = generations[0].get("message", {}).get("data", {}).get("tool_calls") or []
    return [call.text, [[tool.get("name"), tool.get("args")] for tool in tools], call.error]
