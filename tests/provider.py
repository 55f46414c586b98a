"""A provider on loopback that speaks OpenAI's protocol: chat completions, streamed or not, and responses.

It answers "echo: " and the last user text. Texts that begin with "fail N" are refused N times each with status 429,
"down" always with 503.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}


class Provider(ThreadingHTTPServer):
    """The server; ``asked`` has the body of every request, in order of arrival."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.refused: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """Base URL for clients."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Provider

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        text = body["input"] if "input" in body else body["messages"][-1]["content"]
        words = text.split()
        if words[0] == "down" or (words[0] == "fail" and self.server.refused[text] < int(words[1])):
            self.server.refused[text] += 1
            self._send(503 if words[0] == "down" else 429, {"error": {"message": "not now"}})
        elif self.path.endswith("/responses"):
            self._send(200, _response(text))
        elif body.get("stream"):
            self._stream(text)
        else:
            self._send(200, _completion(text))

    def _send(self, status: int, payload: dict[str, Any]) -> None:
        data = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 429:
            self.send_header("Retry-After", "0.01")
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        pieces = [{"content": "echo: "}, {"content": text}]
        choices: list[list[dict[str, Any]]] = [
            *([{"index": 0, "delta": piece, "finish_reason": None}] for piece in pieces),
            [{"index": 0, "delta": {}, "finish_reason": "stop"}],
            [],
        ]
        for choice in choices:
            usage = None if choice else USAGE
            event = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "toy", "usage": usage}
            self.wfile.write(f"data: {json.dumps({**event, 'choices': choice})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


def _completion(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": f"echo: {text}"}
    choices = [{"index": 0, "finish_reason": "stop", "message": message}]
    return {
        **{"id": "x", "object": "chat.completion", "created": 0, "model": "toy"},
        "choices": choices,
        "usage": USAGE,
    }


def _response(text: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": f"echo: {text}", "annotations": []}]
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": content}
    usage = {"input_tokens": 11, "output_tokens": 3, "total_tokens": 14}
    known = {"id": "r", "object": "response", "created_at": 0, "model": "toy", "status": "completed", "tools": []}
    return {**known, "output": [message], "usage": usage, "parallel_tool_calls": True, "tool_choice": "auto"}


@contextmanager
def provider() -> Iterator[Provider]:
    """The server, listening."""
    with Provider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
