"""A chat model that echoes its prompt, in one piece or in a stream, and fails on request."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.llms import LLM
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult, GenerationChunk

FAILED: dict[str, int] = {}  # prompt -> times failed in this process


class RateLimitError(Exception):
    """Shaped like the one of a provider's library."""

    status_code = 429


class AuthenticationError(Exception):
    """Likewise."""

    status_code = 401


class Echo(BaseChatModel):
    """Answers "echo: PROMPT #DRAW", where DRAW counts the calls of this process: a replay shows by an equal draw."""

    temperature: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "echo"

    def _reply(self, messages: list[BaseMessage]) -> str:
        text = str(messages[-1].content)
        if text.startswith("fail"):
            FAILED[text] = FAILED.get(text, 0) + 1
            if FAILED[text] <= int(text.split()[1]):
                if "key" in text:
                    raise AuthenticationError("no such key")
                raise RateLimitError("slow down") if "limit" in text else ConnectionError("no route")
        FAILED["draws"] = FAILED.get("draws", 0) + 1
        return f"echo: {text} #{FAILED['draws']}"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
        reply = self._reply(messages)
        tools = [{"name": "look", "args": {"at": reply}, "id": reply}] if "tools" in reply else []
        told = {"finish_reason": "stop"}
        message = AIMessage(reply, usage_metadata=usage, response_metadata=told, tool_calls=tools)
        return ChatResult(generations=[ChatGeneration(message=message)])


class StreamingEcho(Echo):
    """The same word by word."""

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        for word in self._reply(messages).split(" "):
            yield ChatGenerationChunk(message=AIMessageChunk(word + " "))

    async def _astream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._stream(messages, stop):
            yield chunk


class Words(LLM):
    """A model of the older kind: text in, text out."""

    @property
    def _llm_type(self) -> str:
        return "words"

    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> str:
        FAILED["draws"] = FAILED.get("draws", 0) + 1
        return f"{prompt} #{FAILED['draws']}"

    def _stream(
        self, prompt: str, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[GenerationChunk]:
        for word in self._call(prompt).split(" "):
            yield GenerationChunk(text=word + " ")
