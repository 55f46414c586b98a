"""Requests and answers of providers, in the shapes that their own references document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.app.worker.shapes import asked, said, said_in_stream

ANTHROPIC = {"model": "claude", "max_tokens": 5, "system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]}
GEMINI = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
    "generationConfig": {"temperature": 0.2},
}
BRIEF = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    "path, body, model, messages, parameter",
    [
        ("/v1/messages", ANTHROPIC, "h:claude", BRIEF, "max_tokens"),
        ("/v1beta/models/gem:generateContent", GEMINI, "h:gem", BRIEF, "generationConfig"),
        ("/api/generate", {"model": "m", "prompt": "Hi", "options": {}}, "h:m", BRIEF[1:], "options"),
        ("/api/chat", {"model": "m", "messages": BRIEF, "stream": False}, "h:m", BRIEF, "stream"),
        ("/v1/chat/completions", {"model": "m", "messages": BRIEF, "top_p": 1}, "h:m", BRIEF, "top_p"),
        ("/v1/responses", {"model": "m", "instructions": "Be brief.", "input": "Hi", "n": 1}, "h:m", BRIEF, "n"),
    ],
)
def test_requests_are_read(path: str, body: Any, model: str, messages: Any, parameter: str) -> None:
    found = asked("h", path, json.dumps(body).encode())
    assert found is not None
    assert (found["model"], found["messages"]) == (model, messages)
    assert parameter in found["parameters"] and not {"messages", "contents", "system"} & set(found["parameters"])


@pytest.mark.parametrize(
    "path, body",
    [
        ("/v1/embeddings", b'{"model": "m", "input": "text"}'),
        ("/v1/chat/completions", b"not json"),
        ("/v1/chat/completions", b"[1]"),
        ("/v1/messages", b"{}"),
        ("/search", b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}]}'),
    ],
)
def test_other_requests_are_left_alone(path: str, body: bytes) -> None:
    assert asked("h", path, body) is None


OPENAI = {"choices": [{"message": {"content": "Yes"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}
CLAUDE = {"content": [{"type": "text", "text": "Yes"}], "stop_reason": "stop", "usage": {"input_tokens": 3}}
GEM = {
    "candidates": [{"content": {"parts": [{"text": "Yes"}]}, "finishReason": "stop"}],
    "usageMetadata": {"promptTokenCount": 3},
}
LLAMA = {"message": {"role": "assistant", "content": "Yes"}, "done_reason": "stop", "prompt_eval_count": 3}
RESPONSES = {
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "Yes"}]}],
    "usage": {"input_tokens": 3},
    "finish_reason": "stop",
}


@pytest.mark.parametrize("payload", [OPENAI, CLAUDE, GEM, LLAMA, RESPONSES])
def test_answers_are_read(payload: Any) -> None:
    assert said(payload) == {"text": "Yes", "tokens_in": 3, "tokens_out": None, "finish_reason": "stop"}


def events(*payloads: Any) -> bytes:
    return b"".join(b"event: x\ndata: " + json.dumps(item).encode() + b"\n\n" for item in payloads)


@pytest.mark.parametrize(
    "data",
    [
        events(
            {"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 3, "output_tokens": 1}}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Y"}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "es"}},
            {"type": "message_delta", "delta": {"stop_reason": "stop"}, "usage": {"output_tokens": 2}},
        ),
        events(
            {"type": "response.output_text.delta", "delta": "Y"},
            {"type": "response.output_text.delta", "delta": "es"},
            {"type": "response.output_text.done", "text": "Yes"},
            {
                "type": "response.completed",
                "response": {**RESPONSES, "usage": {"input_tokens": 3, "output_tokens": 2}},
            },
        ),
        b'{"message": {"content": "Y"}}\n{"message": {"content": "es"}}\n'
        b'{"message": {"content": ""}, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 2}\n',
    ],
    ids=["anthropic", "responses", "ollama"],
)
def test_streams_are_read(data: bytes) -> None:
    assert said_in_stream(data) == {"text": "Yes", "tokens_in": 3, "tokens_out": 2, "finish_reason": "stop"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "content", "delta", "message", "output", "usage", "response", "candidates"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_answer_breaks_the_reading(payload: Any) -> None:
    assert isinstance(said(payload)["text"], str)
    assert isinstance(said_in_stream(events(payload))["text"], str)


@given(st.dictionaries(st.sampled_from(["messages", "system", "input", "contents", "model"]), JSON))
def test_no_request_breaks_the_reading(body: Any) -> None:
    for path in ("/v1/chat/completions", "/v1/responses", "/models/x:generateContent"):
        asked("h", path, json.dumps(body).encode())
