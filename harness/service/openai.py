"""The HTTP side: chat completions, whole or streamed, and the list of models. One name is one model or adapter.

Requests of all clients share the batches of the engines. Knows nothing of ports or of how models are found.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from harness.models.answers import LoopQueue
from harness.models.engine import EngineClosedError
from harness.models.shared import Served
from harness.service import chat

_BODY = 16_000_000  # bytes of a request
_INVALID = "invalid_request_error"


def application(models: Mapping[str, Served], hosts: Sequence[str], key: str = "") -> Starlette:
    """Serves ``models`` by name to requests for these host names, ("*",) = any; with ``key`` to its bearers only."""
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    desk = _Desk(models, key)
    routes = [
        Route("/v1/chat/completions", desk.of(desk.complete), methods=["POST"]),
        Route("/v1/models", desk.of(desk.list)),
        Route("/v1/models/{name:path}", desk.of(desk.show)),
        Route("/health", desk.health),
    ]
    return Starlette(routes=routes, middleware=[guard])


class _RefusedError(Exception):
    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(answer["error"]["message"])
        self.status, self.answer = status, answer


class _Desk:
    def __init__(self, models: Mapping[str, Served], key: str) -> None:
        self._models, self._key = models, key

    def of(self, handle: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """The handler with what it refuses, and what the engine cannot do, as answers."""

        async def guarded(request: Request) -> Response:
            try:
                self._admit(request)
                return await handle(request)
            except _RefusedError as refused:
                return JSONResponse(refused.answer, refused.status)

        return guarded

    async def health(self, request: Request) -> Response:
        """Whether there is somebody at all."""
        return JSONResponse({"status": "ok", "models": list(self._models)})

    async def list(self, request: Request) -> Response:
        """Every name that can be asked for."""
        return JSONResponse({"object": "list", "data": [_entry(name) for name in self._models]})

    async def show(self, request: Request) -> Response:
        """One of them."""
        name = request.path_params["name"]
        self._model(name)
        return JSONResponse(_entry(name))

    async def complete(self, request: Request) -> Response:
        """An answer to a conversation."""
        wish = await _read(request)
        model = self._model(wish.model)
        try:
            # In a thread: tokenizing a long prompt would hold up everybody else's pieces.
            prompt = await asyncio.to_thread(model.format.prompt, [message.plain for message in wish.messages])
            context = model.engine.context
            if wish.stream:
                queue = LoopQueue()
                future = model.submit(prompt, wish.sampling(context, 0), queue)
                return StreamingResponse(_pieces(wish, queue, future), media_type="text/event-stream")
            futures = [model.submit(prompt, wish.sampling(context, choice)) for choice in range(wish.n)]
            answers = await asyncio.gather(*(asyncio.wrap_future(future) for future in futures))
        except EngineClosedError as error:
            raise _RefusedError(503, chat.failure(str(error), "server_error")) from error
        except ValueError as error:
            raise _RefusedError(400, chat.failure(str(error), _INVALID)) from error
        except (RuntimeError, MemoryError) as error:
            raise _RefusedError(500, chat.failure(f"the model failed: {error}", "server_error")) from error
        return JSONResponse(chat.body(wish.model, list(answers)))

    def _admit(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key and not hmac.compare_digest(given.encode(), self._key.encode()):
            words = "this server asks for its key: set OPENAI_API_KEY of the client to it"
            raise _RefusedError(401, chat.failure(words, _INVALID, code="invalid_api_key"))

    def _model(self, name: str) -> Served:
        if name not in self._models:
            words = f"there is no model {name!r} here; there is {', '.join(self._models)}"
            raise _RefusedError(404, chat.failure(words, _INVALID, code="model_not_found", param="model"))
        return self._models[name]


async def _read(request: Request) -> chat.Wish:
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > _BODY:
            raise _RefusedError(413, chat.failure(f"the body has more than {_BODY:,} bytes", _INVALID))
    try:
        wish = chat.Wish.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        words = f"{place}: {first['msg']}" if place else first["msg"]
        raise _RefusedError(400, chat.failure(words, _INVALID, param=place or None)) from error
    if wish.refusal:
        raise _RefusedError(400, chat.failure(wish.refusal, _INVALID, code="unsupported_parameter"))
    return wish


async def _pieces(wish: chat.Wish, queue: LoopQueue, future: Any) -> AsyncIterator[str]:
    """Server-sent events; a client that goes away frees the row."""
    start = chat.head(wish.model, "chat.completion.chunk")
    try:
        yield _event(chat.piece(start, {"role": "assistant", "content": ""}))
        while (text := await queue.get()) is not None:
            yield _event(chat.piece(start, {"content": text}))
        answer = future.result()
        yield _event(chat.piece(start, {}, answer.finish_reason))
        if wish.stream_options and wish.stream_options.include_usage:
            yield _event({**start, "choices": [], "usage": chat.usage([answer])})
        yield "data: [DONE]\n\n"
    except (RuntimeError, ValueError, MemoryError) as error:
        yield _event(chat.failure(f"the model failed: {error}", "server_error"))
    finally:
        future.cancel()


def _event(value: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _entry(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "harness"}
