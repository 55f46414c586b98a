"""Anthropic's protocol: messages, whole, with tools."""

from __future__ import annotations

from tests.providers.asked import Asked, Json, Said, content, tokens


def read(body: Json) -> Asked:
    """A request to messages."""
    system = [("system", content(body["system"]))] if body.get("system") else []
    return Asked(
        messages=(*system, *((str(message["role"]), content(message["content"])) for message in body["messages"])),
        tools={tool["name"]: tool["input_schema"] for tool in body.get("tools") or []},
        must_call=(body.get("tool_choice") or {}).get("type", "auto") in ("tool", "any"),
        temperature=body.get("temperature", 1.0),
        model=body["model"],
    )


def answer(asked: Asked, said: Said) -> Json:
    """The answer of messages."""
    sent, got = tokens(asked, said)
    blocks: list[Json] = [{"type": "text", "text": said.text}] if said.text else []
    for n, (name, given) in enumerate(said.calls):
        blocks.append({"type": "tool_use", "id": f"toolu_{n}_{name}", "name": name, "input": given})
    return {
        **{"id": "msg", "type": "message", "role": "assistant", "model": asked.model, "content": blocks},
        "stop_reason": "tool_use" if said.calls else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": sent, "output_tokens": got},
    }
