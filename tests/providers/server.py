"""A server on loopback that speaks the protocols of model providers and answers by a function. Knows no rule itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.providers import anthropic, ollama, openai
from tests.providers.asked import Answer, Asked, Json, Said

Page = Callable[[str, Json], Any]  # path and query or body of a request that asks no model -> its JSON; None = 404


def no_page(path: str, sent: Json) -> Any:
    """There is nothing but models."""


class Provider(ThreadingHTTPServer):
    """The server; ``asked`` has every question to a model, in order of arrival."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answer: Answer, page: Page = no_page, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer, self.page = answer, page
        self.asked: list[Asked] = []
        self.pause = threading.Event()  # never set: a wait on it is a pause

    @property
    def root(self) -> str:
        """Its address, as clients of Anthropic and Ollama take it."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """Base URL for clients of OpenAI."""
        return f"{self.root}/v1"


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._page(parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = urlsplit(self.path).path
        if path.endswith(("/chat/completions", "/responses")):
            self._talk(openai.read(body), path)
        elif path.endswith("/messages"):
            self._talk(anthropic.read(body), path)
        elif path.endswith("/api/chat"):
            self._talk(ollama.read(body), path)
        else:
            self._page(path, body)

    def _talk(self, asked: Asked, path: str) -> None:
        self.server.asked.append(asked)
        said = self.server.answer(asked)
        if said.status != 200:
            self._send(said.status, {"error": {"message": "not now"}})
        elif path.endswith("/api/chat"):
            self._stream("application/x-ndjson", ollama.lines(asked, said))
        elif path.endswith("/messages"):
            self._send(200, anthropic.answer(asked, said))
        elif path.endswith("/responses"):
            self._send(200, openai.response(asked, said))
        elif asked.stream:
            self._stream("text/event-stream", openai.chunks(asked, said))
        else:
            self._send(200, openai.completion(asked, said), said.broken)

    def _page(self, path: str, sent: Json) -> None:
        found = self.server.page(path, sent)
        self._send(404 if found is None else 200, found)

    def _send(self, status: int, payload: Any, broken: str = "") -> None:
        data = json.dumps(payload).encode()
        data = data[: len(data) // 2] if broken == "cut" else data
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if status == 429:
            self.send_header("Retry-After", "0.01")
        self.end_headers()
        size = 1 + len(data) // 4 if broken == "drip" else len(data)
        for begin in range(0, len(data), size):
            self.wfile.write(data[begin : begin + size])
            if broken == "drip":
                self.server.pause.wait(0.02)

    def _stream(self, kind: str, pieces: Iterable[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def listening(answer: Answer, page: Page = no_page, port: int = 0) -> Iterator[Provider]:
    """The server, at work."""
    with Provider(answer, page, port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def echo() -> Answer:
    """A model that says "echo: " and the last user text.

    Texts that begin with "fail N" are refused N times each with status 429, "down" always with 503.
    """
    refused: dict[str, int] = {}

    def answer(asked: Asked) -> Said:
        text = asked.messages[-1][1]
        words = text.split()
        if words[0] == "down" or (words[0] == "fail" and refused.get(text, 0) < int(words[1])):
            refused[text] = refused.get(text, 0) + 1
            return Said(status=503 if words[0] == "down" else 429)
        return Said(f"echo: {text}")

    return answer
