"""OpenAI's protocol: chat completions, whole or streamed, with tools and JSON schemas; responses with text."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.providers.asked import Asked, Json, Said, content, tokens


def read(body: Json) -> Asked:
    """A request to chat/completions or to responses."""
    given = body.get("messages", body.get("input"))
    messages = [{"role": "user", "content": given}] if isinstance(given, str) else given
    system = [("system", body["instructions"])] if body.get("instructions") else []
    form = (body.get("response_format") or {}).get("json_schema") or {}
    tools = [tool["function"] for tool in body.get("tools") or [] if "function" in tool]
    return Asked(
        messages=(*system, *((str(message["role"]), content(message.get("content"))) for message in messages)),
        tools={tool["name"]: tool.get("parameters") or {} for tool in tools},
        schema=form.get("schema"),
        must_call=body.get("tool_choice", "auto") not in ("auto", "none"),
        temperature=body.get("temperature", 1.0),
        stream=bool(body.get("stream")),
        model=body["model"],
    )


def completion(asked: Asked, said: Said) -> Json:
    """The answer of chat/completions."""
    reason = "tool_calls" if said.calls else "stop"
    message = {"role": "assistant", "content": said.text or None, **_calls(said)}
    choice = {"index": 0, "finish_reason": reason, "message": message}
    return {**_head(asked, "chat.completion"), "choices": [choice], "usage": _usage(asked, said)}


def chunks(asked: Asked, said: Said) -> Iterator[bytes]:
    """The same as server-sent events: two pieces of text, the tools, the end, the usage."""
    middle = len(said.text) // 2
    deltas: list[Json] = [{"role": "assistant", "content": said.text[:middle]}, {"content": said.text[middle:]}]
    calls = _calls(said)
    deltas += [{"tool_calls": [{"index": n, **call}]} for n, call in enumerate(calls.get("tool_calls", []))]
    ends: list[tuple[Json, str | None]] = [(delta, None) for delta in deltas]
    for delta, reason in [*ends, ({}, "tool_calls" if said.calls else "stop")]:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        yield _event({**_head(asked, "chat.completion.chunk"), "choices": [choice], "usage": None})
    yield _event({**_head(asked, "chat.completion.chunk"), "choices": [], "usage": _usage(asked, said)})
    yield b"data: [DONE]\n\n"


def response(asked: Asked, said: Said) -> Json:
    """The answer of responses."""
    text = [{"type": "output_text", "text": said.text, "annotations": []}]
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": text}
    sent, got = tokens(asked, said)
    usage = {"input_tokens": sent, "output_tokens": got, "total_tokens": sent + got}
    known = {"id": "r", "object": "response", "created_at": 0, "model": asked.model, "status": "completed"}
    return {
        **known,
        "output": [message],
        "usage": usage,
        "tools": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
    }


def _head(asked: Asked, kind: str) -> Json:
    return {"id": "x", "object": kind, "created": 0, "model": asked.model}


def _calls(said: Said) -> Json:
    made = [
        {"id": f"call_{n}_{name}", "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
        for n, (name, given) in enumerate(said.calls)
    ]
    return {"tool_calls": made} if made else {}


def _usage(asked: Asked, said: Said) -> Json:
    sent, got = tokens(asked, said)
    return {"prompt_tokens": sent, "completion_tokens": got, "total_tokens": sent + got}


def _event(data: Json) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()
