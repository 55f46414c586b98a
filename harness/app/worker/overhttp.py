"""Records model calls that an app makes over HTTP beside LangChain, with the raw SDKs of providers.

Such calls are measured like others and never replayed: their answer would have to be forged in the SDK's own classes.
Seen are clients built on httpx (OpenAI, Anthropic, Google, Groq, Mistral, Ollama, LiteLLM). Knows no provider.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .blame import attempt
from .plain import digest
from .record import Attempt, place_of_call
from .scope import Place, names
from .shapes import asked, said, said_in_stream

LIBRARIES = ("httpx", "httpx2")
Method = Callable[..., Any]


class RefusedError(Exception):
    """An answer with an error status; the SDK raises its own exception for it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status_code = status


def watch() -> None:
    """Wrap the clients that are imported by now and not wrapped yet. Cheap enough to be called before every run."""
    for name in LIBRARIES:
        module = sys.modules.get(name)
        if module is not None and not hasattr(module.Client.send, "harness"):
            module.Client.send = _marked(_send(module, module.Client.send))
            module.AsyncClient.send = _marked(_asend(module, module.AsyncClient.send))


def _marked(method: Method) -> Method:
    method.harness = True  # type: ignore[attr-defined]
    return method


def _send(module: ModuleType, original: Method) -> Method:
    def send(self: Any, request: Any, *, stream: bool = False, **options: Any) -> Any:
        place = place_of_call()
        sent = None if place is None else _sent(request)
        if place is None or sent is None:
            return original(self, request, stream=stream, **options)
        place.scope.await_receipts()
        call = _begun(place, sent)
        response, error = attempt(lambda: original(self, request, stream=stream, **options))
        return _ended(module, call, response, error, stream)

    return send


def _asend(module: ModuleType, original: Method) -> Method:
    async def send(self: Any, request: Any, *, stream: bool = False, **options: Any) -> Any:
        place = place_of_call()
        sent = None if place is None else _sent(request)
        if place is None or sent is None:
            return await original(self, request, stream=stream, **options)
        await place.scope.receipts()
        call = _begun(place, sent)
        try:
            response = await original(self, request, stream=stream, **options)
        except BaseException as error:
            _leave(call, error)
            raise
        return _ended(module, call, response, None, stream)

    return send


def _sent(request: Any) -> dict[str, Any] | None:
    """What a request asks of a language model; None when it is no such request."""
    if request.method != "POST":
        return None
    body, failed = attempt(lambda: request.content)  # raises where the body is a stream
    return None if failed is not None else asked(request.url.host, request.url.path, body)


def _begun(place: Place, sent: dict[str, Any]) -> Attempt:
    scope, metadata = place.scope, place.metadata
    path = scope.path(metadata)
    facts = {"node": str(metadata.get("langgraph_node") or ""), "step": path[0][1] if path else 0, **sent}
    content = digest([sent, names(path), "over HTTP"])
    position = scope.take(content)
    key = digest([scope.case, scope.k, scope.thread, position, content])  # of this run alone: nothing may replay it
    return Attempt(place, key, content, position, scope.salt, {**facts, "over_http": True}, recorded=None)


def _ended(module: ModuleType, call: Attempt, response: Any, error: BaseException | None, stream: bool) -> Any:
    """Note what came back, now or when its stream is read to the end."""
    if error is None and response.status_code >= 400:
        _leave(call, RefusedError(response.status_code))
    elif error is not None:
        _leave(call, error)
        raise error
    elif stream:
        response.stream = _tee(module, response.stream, call)
    else:
        payload, failed = attempt(response.json)
        call.kept = {"response": {}, **said(None if failed is not None else payload)}
        _leave(call, None)
    return response


def _leave(call: Attempt, error: BaseException | None) -> None:
    call.__exit__(None if error is None else type(error), error, None)


def _tee(module: ModuleType, inner: Any, call: Attempt) -> Any:
    """The same stream; what passes is read along, and the call ends when the stream is closed."""
    base: Any = module.AsyncByteStream if isinstance(inner, module.AsyncByteStream) else module.SyncByteStream
    passed: list[bytes] = []

    def end() -> None:
        if call.kept is None:
            call.kept = {"response": {}, **said_in_stream(b"".join(passed))}
            _leave(call, None)

    class Tee(base):  # type: ignore[misc]
        def __iter__(self) -> Any:
            for chunk in inner:
                passed.append(chunk)
                yield chunk

        async def __aiter__(self) -> Any:
            async for chunk in inner:
                passed.append(chunk)
                yield chunk

        def close(self) -> None:
            inner.close()
            end()

        async def aclose(self) -> None:
            await inner.aclose()
            end()

    return Tee()
