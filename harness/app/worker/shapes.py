"""What a request to a model provider asks and what its answer says, by the JSON that travels. Pure; knows no library.

Shapes: OpenAI chat completions, completions and responses (also Groq, Mistral, vLLM, Ollama's /v1), Anthropic
messages, Google generateContent, Ollama chat and generate. Of anything else nothing is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .plain import plain

Json = dict[str, Any]
TEXTS = frozenset({"messages", "contents", "input", "prompt", "system", "instructions", "systemInstruction"})
# The last part of the path that makes a list of messages, or a prompt, a request to a language model.
PATHS = {
    **{"completions": ("messages", "prompt"), "messages": ("messages",), "responses": ("input",)},
    **{"chat": ("messages",), "generate": ("prompt",)},
    **{":generateContent": ("contents",), ":streamGenerateContent": ("contents",)},
}


def asked(host: str, path: str, body: bytes) -> Json | None:
    """{"model", "messages", "parameters"} of a request; None when it is none to a language model."""
    last = path.rstrip("/").rpartition("/")[2]
    model, colon, verb = last.rpartition(":")
    keys = PATHS.get(colon + verb, ()) if colon else PATHS.get(last, ())
    try:
        sent = json.loads(body) if keys else None
    except ValueError:
        return None
    if not isinstance(sent, dict) or not any(sent.get(key) for key in keys):
        return None
    name = str(sent.get("model") or model)
    return {
        "model": f"{host}:{name}" if name else host,
        "messages": [*_messages(sent)],
        "parameters": {key: plain(value) for key, value in sent.items() if key not in TEXTS and value is not None},
    }


def said(payload: Any) -> Json:
    """{"text", "tokens_in", "tokens_out", "finish_reason"} of an answer, or of one event of a stream."""
    found: Json = {"text": "", "tokens_in": None, "tokens_out": None, "finish_reason": ""}
    if not isinstance(payload, dict):
        return found
    holders = [payload, *(payload[key] for key in ("response", "message") if isinstance(payload.get(key), dict))]
    for holder in holders:
        usage = holder.get("usage") or holder.get("usageMetadata") or holder
        for name, keys in _COUNTS.items():
            counts = [usage[key] for key in keys if isinstance(usage, dict) and isinstance(usage.get(key), int)]
            found[name] = counts[0] if counts else found[name]
    found["text"] = "".join(_texts(payload))
    found["finish_reason"] = next((str(reason) for holder in holders for reason in _reasons(holder)), "")
    return found


def said_in_stream(data: bytes) -> Json:
    """The same of a whole stream: server-sent events, or one JSON object a line."""
    total: Json = said(None)
    for line in data.decode("utf-8", "replace").splitlines():
        try:
            event = json.loads(line.removeprefix("data:"))
        except ValueError:
            continue
        if str(event.get("type", "") if isinstance(event, dict) else "").endswith((".done", ".completed")):
            event = {**event, "response": _without_text(event.get("response"))}  # repeats what was streamed
        found = said(event)
        total["text"] += found.pop("text")
        total.update({key: value for key, value in found.items() if value not in (None, "")})
    return total


_COUNTS = {
    "tokens_in": ("prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count"),
    "tokens_out": ("completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count"),
}


def _messages(sent: Json) -> Iterator[Json]:
    """Messages in order, the system's first, each as {"role", "content"}."""
    for key in ("system", "instructions", "systemInstruction"):
        if sent.get(key):
            yield {"role": "system", "content": _content(sent[key])}
    for key in ("messages", "contents", "input", "prompt"):
        given = sent.get(key)
        for item in given if isinstance(given, list) else [given] if given else []:
            role = str(item.get("role") or "user") if isinstance(item, dict) else "user"
            content = item.get("content", item) if isinstance(item, dict) else item
            yield {"role": {"model": "assistant"}.get(role, role), "content": _content(content)}


def _content(value: Any) -> Any:
    """Text where the parts are only text, else the parts."""
    parts = value.get("parts", [value]) if isinstance(value, dict) else value
    if isinstance(parts, list):
        texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
        joined = [text for text in texts if isinstance(text, str)]
        if len(joined) == len(parts):
            return "".join(joined)
    return plain(value)


def _texts(payload: Json) -> Iterator[str]:
    """Texts of an answer or of a piece of one, in order."""
    for choice in _dicts(payload.get("choices")):
        for holder in (choice.get("message"), choice.get("delta"), choice):
            yield from _strings(holder, "content", "text")
    for candidate in _dicts(payload.get("candidates")):
        content = candidate.get("content")
        for part in _dicts(content.get("parts") if isinstance(content, dict) else None):
            yield from _strings(part, "text")
    yield from (text for block in _dicts(payload.get("content")) for text in _strings(block, "text"))
    yield from _strings(payload.get("message"), "content")
    yield from _strings(payload, "delta", "response")
    yield from _strings(payload.get("delta"), "text")
    answer = payload.get("response")
    for item in _dicts((answer if isinstance(answer, dict) else payload).get("output")):
        yield from (text for block in _dicts(item.get("content")) for text in _strings(block, "text"))


def _reasons(holder: Json) -> Iterator[Any]:
    places = [holder, *_dicts(holder.get("choices")), *_dicts(holder.get("candidates"))]
    places += [holder["delta"]] if isinstance(holder.get("delta"), dict) else []
    for place in places:
        for key in ("finish_reason", "finishReason", "stop_reason", "done_reason"):
            if place.get(key):
                yield place[key]


def _dicts(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _strings(holder: Any, *keys: str) -> Iterator[str]:
    if isinstance(holder, dict):
        yield from (holder[key] for key in keys if isinstance(holder.get(key), str))


def _without_text(answer: Any) -> Any:
    return {**answer, "output": []} if isinstance(answer, dict) else answer
