"""What was found in the form that hand labels are scored in."""

from __future__ import annotations

import re

from harness.types import Discovery, Json, Node, Prompt

_PIECE = re.compile(r":\d+(st|nd|rd|th) piece$")  # further literals of one sum: a label names its first
_LINE = re.compile(r":\d+$")  # of a name that stands twice


def export_labels(discovery: Discovery) -> list[dict[str, Json]]:
    """One dict per node: graph_file, node, add_line, is_llm, llm_calls, models, prompts; places are file and line."""
    prompts = {prompt.id: prompt for prompt in discovery.prompts}
    return [_label(node, prompts) for node in discovery.nodes]


def _label(node: Node, prompts: dict[str, Prompt]) -> dict[str, Json]:
    firsts = {_LINE.sub("", name) for name in node.prompts}
    whole = [name for name in node.prompts if not _PIECE.search(name) or _PIECE.sub("", name) not in firsts]
    known = [prompts[name] for name in whole if name in prompts]
    return {
        "graph_file": node.graph_file,
        "node": node.name,
        "add_line": node.line,
        "is_llm": node.is_llm,
        "llm_calls": [_place(where) for where in node.calls],
        "models": [{**_place(use.where), "model_id": use.id} for use in node.models],
        "prompts": [{"file": p.span.file, "line": p.span.line, "proof": p.proof} for p in known if p.parts],
    }


def _place(where: str) -> dict[str, Json]:
    file, _, line = where.rpartition(":")
    return {"file": file, "line": int(line)}
