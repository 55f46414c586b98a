"""What a client of OpenAI's chat completions sends and gets, as far as a model that runs here can do it.

What it cannot do is refused in words; nothing that changes an answer is ignored. Knows no HTTP.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from harness.models.engine import Completion, Sampling
from harness.models.shaped import schema_of

_BEYOND = {  # what would change the answer and is not done here, with what is offered instead
    "tools": "describe the tools in the prompt and parse the answer",
    "functions": "describe the functions in the prompt and parse the answer",
    "logprobs": "leave it out",
    "logit_bias": "leave it out",
    "presence_penalty": "leave it out",
    "frequency_penalty": "leave it out",
}


class Part(BaseModel):
    """A piece of a message."""

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One turn; names and other extras of a client are not read."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part]

    @property
    def plain(self) -> dict[str, str]:
        """Role and text as a chat template takes them."""
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return {"role": "system" if self.role == "developer" else self.role, "content": text}


class StreamOptions(BaseModel):
    """Whether the last piece says what the answer cost."""

    include_usage: bool = False


class Wish(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: list[Message] = Field(min_length=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: str | list[str] | None = None
    seed: int | None = None
    n: int = Field(default=1, ge=1, le=16)
    stream: bool = False
    stream_options: StreamOptions | None = None
    response_format: dict[str, Any] | None = None

    @field_validator("stop")
    @classmethod
    def _stops(cls, value: str | list[str] | None) -> str | list[str] | None:
        if value == "" or (isinstance(value, list) and "" in value):
            raise ValueError("a stop string is empty; every answer would end at once")
        return value

    @property
    def refusal(self) -> str:
        """What is asked for and cannot be done, "" where all can."""
        extra = self.model_extra or {}
        for name, instead in _BEYOND.items():
            if extra.get(name) not in (None, False, 0, [], {}):
                return f"{name} is not supported by a model that runs here: {instead}"
        return "only one answer can be streamed: leave n out" if self.stream and self.n > 1 else ""

    def sampling(self, context: int, choice: int) -> Sampling:
        """Of the choice of that number; with a seed the choices are different draws, each repeatable."""
        stop = self.stop or ()
        return Sampling(
            temperature=1.0 if self.temperature is None else self.temperature,
            top_p=1.0 if self.top_p is None else self.top_p,
            max_tokens=self.max_completion_tokens or self.max_tokens or context,
            stop=(stop,) if isinstance(stop, str) else tuple(stop),
            seed=None if self.seed is None else self.seed + choice,
            schema=schema_of(self.response_format) if self.response_format else "",
        )


def head(model: str, kind: str = "chat.completion") -> dict[str, Any]:
    """What every answer, and every piece of one, begins with."""
    return {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), "model": model}


def body(model: str, answers: list[Completion]) -> dict[str, Any]:
    """Whole answers to one request."""
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": answer.text, "refusal": None},
            "logprobs": None,
            "finish_reason": answer.finish_reason,
        }
        for index, answer in enumerate(answers)
    ]
    return {**head(model), "choices": choices, "usage": usage(answers)}


def piece(start: Mapping[str, Any], delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    """A part of a streamed answer."""
    choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": reason}
    return {**start, "choices": [choice]}


def usage(answers: list[Completion]) -> dict[str, Any]:
    """What a request cost, in tokens."""
    read, written = answers[0].prompt_tokens, sum(answer.completion_tokens for answer in answers)
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": answers[0].cached_tokens},
    }


def failure(words: str, kind: str, *, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    return {"error": {"message": words, "type": kind, "code": code, "param": param}}
