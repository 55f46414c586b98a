"""One model call: its content address, its replay, its record. Knows models by their messages and parameters only."""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.llms import BaseLLM
from langchain_core.messages import BaseMessage

from .blame import attempt, is_network
from .plain import digest, message, plain
from .scope import BUSY, Place, current, names

CONFIG = frozenset(
    {
        *("callbacks", "tags", "metadata", "run_name", "run_id"),
        *("ls_structured_output_format", "structured_output_format"),
    }
)
BASE_FIELDS = frozenset({*BaseChatModel.model_fields, *BaseLLM.model_fields, "callback_manager"})

SECRET = re.compile(r"(^|_)(api_?key|secret|password|token)$", re.IGNORECASE)


@dataclass
class Attempt:
    """A call about to be made or replayed; as a context manager it records what happens inside it."""

    place: Place
    key: str
    content: str
    position: int
    salt: str  # "" when the change cannot have affected the call
    facts: dict[str, Any]  # node, step, model, messages, parameters
    recorded: dict[str, Any] | None  # {"response", "seconds"} when it is replayed
    kept: dict[str, Any] | None = None  # what keep() was told
    _began: float = field(default_factory=time.monotonic)

    def metadata(self) -> dict[str, Any]:
        """What a model that can be seeded needs beside harness_seed, so that equal calls draw independently."""
        return {"harness_position": self.position, "harness_salt": self.salt}

    def keep(self, response: dict[str, Any], reply: BaseMessage | str | None) -> None:
        """Remember the reply: ``response`` is enough to rebuild it."""
        self.kept = {"response": response, **_read(reply, response)}

    def __enter__(self) -> Attempt:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, GeneratorExit) and self.kept is not None:
            error = None  # the app has read enough of a stream
        if self.recorded is not None:
            self._note(replayed=True, seconds=self.recorded.get("seconds", 0.0))
            return
        if error is not None:
            self.place.scope.give_back(self.content, self.position)
        self.place.scope.ended(self.facts["node"], error if error is not None and is_network(error) else None)
        reply = self.kept if self.kept is not None and error is None else {"response": {}, **_read(None, {})}
        text = "" if error is None else f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - self._began
        call = {"key": self.key, "position": self.position, **self.facts, **reply, "seconds": seconds, "error": text}
        self.place.scope.tell(call)
        self._note(replayed=False, error=text)

    def _note(self, **extra: Any) -> None:
        own = {name: self.facts[name] for name in ("node", "step")}
        self.place.scope.refs.append({"key": self.key, "position": self.position, **own, **extra})


def begin(place: Place, model: Any, prompt: Sequence[BaseMessage] | str, stop: Any, kwargs: dict[str, Any]) -> Attempt:
    """Address a call. ``kwargs`` are those of the call, the RunnableConfig's "metadata" among them."""
    scope = place.scope
    metadata = dict(kwargs.get("metadata") or {}) if isinstance(kwargs.get("metadata"), dict) else {}
    metadata = metadata if metadata.get("langgraph_node") else place.metadata
    path = scope.path(metadata)
    sent = {name: value for name, value in kwargs.items() if name not in CONFIG}
    facts: dict[str, Any] = {
        "node": str(metadata.get("langgraph_node") or ""),
        "step": path[0][1] if path else 0,
        "model": identity(model, stop, sent),
        "messages": [{"role": "user", "content": prompt}] if isinstance(prompt, str) else [message(m) for m in prompt],
        "parameters": parameters(model, stop, sent),
    }
    said = [facts["model"], facts["parameters"], _without_ids(facts["messages"]), names(path)]
    content = digest(_movable(said, scope.tree))
    salt = scope.salt if scope.is_affected(path) else ""
    position = scope.take(content)
    key = digest([scope.case, scope.k, salt, position, content])
    return Attempt(place, key, content, position, salt, facts, scope.recorded.get(key))


def place_of_call() -> Place | None:
    """Where a model call that begins here belongs; None outside any run and inside another call."""
    return None if BUSY.get() else current()


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Model calls made inside belong to the call around them and are not recorded again."""
    token = BUSY.set(True)
    try:
        yield
    finally:
        BUSY.reset(token)


def identity(model: Any, stop: Any, sent: dict[str, Any]) -> str:
    """ "provider:id", or the class name when the model gives neither."""
    params, failed = attempt(lambda: model._get_ls_params(stop=stop, **sent))
    name = "" if failed is not None else params.get("ls_model_name", "")
    return f"{params['ls_provider']}:{name}" if name else type(model).__name__


def parameters(model: Any, stop: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """What the model is called with: its plain fields, its own account of its parameters, and the call's."""
    params, failed = attempt(lambda: model._get_invocation_params(stop=stop, **sent))
    if failed is not None:
        params, failed = attempt(lambda: {**model._identifying_params, "stop": stop, **sent})
    merged = {**_fields(model), **(params or {}), **sent}
    return {name: plain(value) for name, value in merged.items() if value is not None and not _is_secret(name, value)}


def _fields(model: Any) -> dict[str, Any]:
    """Scalar fields of the model's own class; clients, caches and callbacks are not what is asked of the model."""
    found = {name: getattr(model, name, None) for name in type(model).model_fields if name not in BASE_FIELDS}
    return {name: value for name, value in found.items() if isinstance(value, bool | int | float | str)}


def _is_secret(name: str, value: Any) -> bool:
    return hasattr(value, "get_secret_value") or _sounds_secret(name)


@functools.cache
def _sounds_secret(name: str) -> bool:
    return SECRET.search(name) is not None


def _without_ids(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tool call ids numbered by first appearance: models draw them at random, and they carry no meaning."""
    numbers: dict[str, str] = {}

    def numbered(value: Any) -> str:
        return numbers.setdefault(str(value), f"#{len(numbers)}")

    out = []
    for item in messages:
        item = dict(item)
        if "tool_calls" in item:
            item["tool_calls"] = [{**call, "id": numbered(call.get("id"))} for call in item["tool_calls"]]
        if "tool_call_id" in item:
            item["tool_call_id"] = numbered(item["tool_call_id"])
        out.append(item)
    return out


def _movable(value: Any, tree: str) -> Any:
    """The same data with the tree's own path replaced, so that a call has one address wherever the tree lies."""
    if isinstance(value, str):
        return value.replace(tree, "<tree>")
    if isinstance(value, dict):
        return {name: _movable(item, tree) for name, item in value.items()}
    return [_movable(item, tree) for item in value] if isinstance(value, list | tuple) else value


def _read(reply: BaseMessage | str | None, response: dict[str, Any]) -> dict[str, Any]:
    """Text, tokens and finish reason of a reply."""
    usage = getattr(reply, "usage_metadata", None) or {}
    told = (response.get("llm_output") or {}).get("token_usage") or {}
    meta = getattr(reply, "response_metadata", None) or {}
    info = ((response.get("generations") or [{}])[0] or {}).get("generation_info") or {}
    reasons = [source.get(name) for source in (meta, info) for name in ("finish_reason", "stop_reason", "done_reason")]
    return {
        "text": reply if isinstance(reply, str) else _text(reply),
        "tokens_in": usage.get("input_tokens", told.get("prompt_tokens")),
        "tokens_out": usage.get("output_tokens", told.get("completion_tokens")),
        "finish_reason": next((str(reason) for reason in reasons if reason), ""),
    }


def _text(reply: BaseMessage | None) -> str:
    """The text of a reply; of content in blocks, their texts joined."""
    content = getattr(reply, "content", "")
    if isinstance(content, str):
        return content
    blocks = [block if isinstance(block, str) else block.get("text", "") for block in content]
    return "".join(block for block in blocks if isinstance(block, str))
