"""Ollama's protocol: chat, as one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.providers.asked import Asked, Json, Said, content, tokens


def read(body: Json) -> Asked:
    """A request to chat; ``format`` may be "json" or a schema."""
    tools = [tool["function"] for tool in body.get("tools") or []]
    form = body.get("format")
    return Asked(
        messages=tuple((str(message["role"]), content(message.get("content"))) for message in body["messages"]),
        tools={tool["name"]: tool.get("parameters") or {} for tool in tools},
        schema=form if isinstance(form, dict) else {} if form == "json" else None,
        temperature=(body.get("options") or {}).get("temperature", 0.8),
        stream=body.get("stream", True),
        model=body["model"],
    )


def lines(asked: Asked, said: Said) -> Iterator[bytes]:
    """The answer: a line with all that is said, and a last line with the counts."""
    sent, got = tokens(asked, said)
    calls = [{"function": {"name": name, "arguments": given}} for name, given in said.calls]
    message = {"role": "assistant", "content": said.text, **({"tool_calls": calls} if calls else {})}
    counts = {"done": True, "done_reason": "stop", "prompt_eval_count": sent, "eval_count": got}
    whole = [{"message": message, **counts}]
    parts = [{"message": message, "done": False}, {"message": {"role": "assistant", "content": ""}, **counts}]
    for part in parts if asked.stream else whole:
        yield json.dumps({"model": asked.model, "created_at": "2026-01-01T00:00:00Z", **part}).encode() + b"\n"
