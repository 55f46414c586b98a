"""What an engine gives, as LangChain's messages: whole answers, pieces of them, and what they cost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from harness.models.engine import Completion


class LoopQueue:
    """A queue that the engine's thread fills and a coroutine empties."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, piece: str | None, /) -> None:
        """From the engine's thread."""
        with suppress(RuntimeError):  # the loop was closed, so nobody reads any more
            self._loop.call_soon_threadsafe(self._queue.put_nowait, piece)

    async def get(self) -> str | None:
        """The next piece, None after the last."""
        return await self._queue.get()


def _usage(completion: Completion) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=completion.prompt_tokens,
        output_tokens=completion.completion_tokens,
        total_tokens=completion.prompt_tokens + completion.completion_tokens,
        input_token_details={"cache_read": completion.cached_tokens},
    )


def whole(completion: Completion, told: Mapping[str, Any]) -> ChatResult:
    """An answer; ``told`` says which model gave it."""
    message = AIMessage(
        content=completion.text, usage_metadata=_usage(completion), response_metadata=_response(completion, told)
    )
    return ChatResult(generations=[ChatGeneration(message=message)])


def piece_of(text: str) -> ChatGenerationChunk:
    """The next part of an answer."""
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def last_piece(completion: Completion, told: Mapping[str, Any]) -> ChatGenerationChunk:
    """Carries no text: what it cost and how it ended."""
    message = AIMessageChunk(
        content="",
        usage_metadata=_usage(completion),
        response_metadata=_response(completion, told),
        chunk_position="last",
    )
    return ChatGenerationChunk(message=message)


def _response(completion: Completion, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"finish_reason": completion.finish_reason, **told}
