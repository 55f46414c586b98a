"""Wraps generate, agenerate, stream and astream of LangChain's model classes, to record and to replay.

A replay runs the model's own ``generate`` with the recorded result put in place of the provider's, so that callbacks
and usage counters of the app see it like any other call. Knows no provider.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.llms import BaseLLM
from langchain_core.messages import AIMessageChunk, BaseMessage, message_chunk_to_message, messages_from_dict
from langchain_core.outputs import ChatGeneration, ChatResult, Generation, LLMResult
from langchain_core.runnables import RunnableConfig, ensure_config

from .plain import plain
from .record import Attempt, begin, busy, place_of_call
from .scope import Place

Method = Callable[..., Any]
Result = ChatResult | LLMResult
RECORDED: contextvars.ContextVar[Result | None] = contextvars.ContextVar("harness_recorded", default=None)


def install() -> None:
    """Wrap the two base classes. Called once per process, before any module of the user's is imported."""
    for base in (BaseChatModel, BaseLLM):
        generate, agenerate = base.generate, base.agenerate
        wrapped = {
            "generate": _generate(generate),
            "agenerate": _agenerate(agenerate),
            "stream": _stream(base.stream, generate),
            "astream": _astream(base.astream, agenerate),
        }
        for name, method in wrapped.items():
            setattr(base, name, method)
    for base, name in ((BaseChatModel, "_generate_with_cache"), (BaseLLM, "_generate_helper")):
        setattr(base, name, _answered(getattr(base, name)))
    for base, name in ((BaseChatModel, "_agenerate_with_cache"), (BaseLLM, "_agenerate_helper")):
        setattr(base, name, _aanswered(getattr(base, name)))


def _generate(original: Method) -> Method:
    def generate(self: Any, prompts: Any, stop: Any = None, callbacks: Any = None, **kwargs: Any) -> Any:
        place = place_of_call()
        if place is None:
            return original(self, prompts, stop, callbacks, **kwargs)
        results = []
        for prompt in prompts:
            place.scope.await_receipts()
            call, own = _begin(place, self, prompt, stop, kwargs)
            with call, busy(), _answering(call):
                results.append(original(self, [prompt], stop, callbacks, **own))
                _keep(call, results[-1])
        return _merged(self, results)

    return generate


def _agenerate(original: Method) -> Method:
    async def agenerate(self: Any, prompts: Any, stop: Any = None, callbacks: Any = None, **kwargs: Any) -> Any:
        place = place_of_call()
        if place is None:
            return await original(self, prompts, stop, callbacks, **kwargs)
        results = []
        for prompt in prompts:
            await place.scope.receipts()
            call, own = _begin(place, self, prompt, stop, kwargs)
            with call, busy(), _answering(call):
                results.append(await original(self, [prompt], stop, callbacks, **own))
                _keep(call, results[-1])
        return _merged(self, results)

    return agenerate


def _stream(original: Method, generate: Method) -> Method:
    def stream(self: Any, input: Any, config: Any = None, *, stop: Any = None, **kwargs: Any) -> Iterator[Any]:
        place = place_of_call()
        if place is None:
            yield from original(self, input, config, stop=stop, **kwargs)
            return
        place.scope.await_receipts()
        call, prompt, config = _begin_stream(place, self, input, ensure_config(config), stop, kwargs)
        if call.recorded is not None:
            with call, busy(), _answering(call):
                result = generate(self, [prompt], stop, **_as_arguments(config), **kwargs)
            yield _whole(result)
            return
        with call, _gathering(call) as chunks:
            iterator = original(self, input, config, stop=stop, **kwargs)
            while True:
                with busy():
                    chunk = next(iterator, None)
                if chunk is None:
                    break
                chunks.append(chunk)
                yield chunk

    return stream


def _astream(original: Method, agenerate: Method) -> Method:
    async def astream(
        self: Any, input: Any, config: Any = None, *, stop: Any = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        place = place_of_call()
        if place is None:
            async for chunk in original(self, input, config, stop=stop, **kwargs):
                yield chunk
            return
        await place.scope.receipts()
        call, prompt, config = _begin_stream(place, self, input, ensure_config(config), stop, kwargs)
        if call.recorded is not None:
            with call, busy(), _answering(call):
                result = await agenerate(self, [prompt], stop, **_as_arguments(config), **kwargs)
            yield _whole(result)
            return
        with call, _gathering(call) as chunks:
            iterator = original(self, input, config, stop=stop, **kwargs)
            while True:
                with busy():
                    chunk = await anext(iterator, None)
                if chunk is None:
                    break
                chunks.append(chunk)
                yield chunk

    return astream


def _answered(original: Method) -> Method:
    def answered(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = RECORDED.get()
        return original(self, *args, **kwargs) if recorded is None else recorded

    return answered


def _aanswered(original: Method) -> Method:
    async def answered(self: Any, *args: Any, **kwargs: Any) -> Any:
        recorded = RECORDED.get()
        return await original(self, *args, **kwargs) if recorded is None else recorded

    return answered


def _begin(place: Place, model: Any, prompt: Any, stop: Any, kwargs: dict[str, Any]) -> tuple[Attempt, dict[str, Any]]:
    """The call's address, and its arguments with what a seeded model reads added to the metadata."""
    call = begin(place, model, prompt, stop, kwargs)
    metadata = kwargs.get("metadata")
    own = metadata[0] if isinstance(metadata, list) and metadata else metadata
    return call, {**kwargs, "metadata": {**(own or {}), **call.metadata()}}


def _begin_stream(
    place: Place, model: Any, given: Any, config: RunnableConfig, stop: Any, kwargs: dict[str, Any]
) -> tuple[Attempt, Any, RunnableConfig]:
    value = model._convert_input(given)
    prompt = value.to_messages() if isinstance(model, BaseChatModel) else value.to_string()
    call, own = _begin(place, model, prompt, stop, {**kwargs, "metadata": config.get("metadata")})
    return call, prompt, {**config, "metadata": own["metadata"]}


def _as_arguments(config: RunnableConfig) -> dict[str, Any]:
    return {name: config.get(name) for name in ("callbacks", "tags", "metadata", "run_name")}


@contextlib.contextmanager
def _answering(call: Attempt) -> Iterator[None]:
    """While it lasts, the provider is not asked: the record answers."""
    token = RECORDED.set(None if call.recorded is None else _rebuilt(call.recorded["response"]))
    try:
        yield
    finally:
        RECORDED.reset(token)


@contextlib.contextmanager
def _gathering(call: Attempt) -> Iterator[list[Any]]:
    """Chunks of a stream, kept as one reply however the stream ends: what was sent has been paid."""
    chunks: list[Any] = []
    try:
        yield chunks
    finally:
        if chunks:
            whole = chunks[0]
            for chunk in chunks[1:]:
                whole = whole + chunk
            if isinstance(whole, BaseMessage):
                whole = message_chunk_to_message(whole)
            call.keep({"generations": [_dumped(whole, None)], "llm_output": None}, whole)


def _keep(call: Attempt, result: LLMResult) -> None:
    generations = [
        _dumped(item.message if isinstance(item, ChatGeneration) else item.text, item.generation_info)
        for item in result.generations[0]
    ]
    first = result.generations[0][0] if result.generations[0] else None
    reply = first.message if isinstance(first, ChatGeneration) else getattr(first, "text", None)
    call.keep({"generations": generations, "llm_output": plain(result.llm_output)}, reply)


def _dumped(reply: BaseMessage | str, info: Any) -> dict[str, Any]:
    if isinstance(reply, str):
        return {"text": reply, "generation_info": plain(info)}
    data = {name: plain(getattr(reply, name)) for name in type(reply).model_fields}
    return {"message": {"type": reply.type, "data": data}, "generation_info": plain(info)}


def _rebuilt(response: dict[str, Any]) -> Result:
    stored, output = response["generations"], response.get("llm_output")
    if stored and "text" in stored[0]:
        texts = [Generation(text=item["text"], generation_info=item["generation_info"]) for item in stored]
        return LLMResult(generations=[texts], llm_output=output)
    chats = [
        ChatGeneration(message=messages_from_dict([item["message"]])[0], generation_info=item["generation_info"])
        for item in stored
    ]
    return ChatResult(generations=chats, llm_output=output)


def _whole(result: LLMResult) -> Any:
    """A replayed reply as the one chunk of its stream."""
    first = result.generations[0][0]
    if not isinstance(first, ChatGeneration):
        return first.text
    data = {name: getattr(first.message, name) for name in type(first.message).model_fields if name != "type"}
    return AIMessageChunk(**data)


def _merged(model: Any, results: list[LLMResult]) -> LLMResult:
    if len(results) == 1:
        return results[0]
    outputs = [result.llm_output for result in results]
    output = model._combine_llm_outputs(outputs) if isinstance(model, BaseChatModel) else (outputs or [None])[0]
    runs = [run for result in results for run in result.run or []]
    return LLMResult(generations=[row for result in results for row in result.generations], llm_output=output, run=runs)
