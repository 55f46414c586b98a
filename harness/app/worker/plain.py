"""Turns what an app produces into JSON: messages, pydantic models, dataclasses. Never fails; knows no app."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import BaseModel

ROLES = {"human": "user", "ai": "assistant", "AIMessageChunk": "assistant", "HumanMessageChunk": "user"}
MAX_DEPTH = 60


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON data: messages as {"role", "content", ...}, models as dicts, anything else as its repr."""
    if value is None or isinstance(value, bool | int | str):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if depth > MAX_DEPTH:
        return "..."
    if isinstance(value, enum.Enum):
        return plain(value.value, depth + 1)
    if isinstance(value, BaseMessage):
        return message(value)
    return _container(value, depth + 1)


def _container(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item, depth) for item in value), key=canonical)
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name), depth) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name, None), depth) for field in dataclasses.fields(value)}
    return _opaque(value)


def _opaque(value: Any) -> Any:
    """A stable text: no memory address, which would differ from process to process."""
    if isinstance(value, type) and issubclass(value, BaseModel):
        return {"schema": value.__name__, "fields": _fields(value)}
    if isinstance(value, type) or callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__name__)}"
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - a user's __repr__ may raise anything
        text = f"<repr failed: {type(error).__name__}>"
    return f"<{type(value).__module__}.{type(value).__qualname__}>" if " at 0x" in text else text


def _fields(model: type[BaseModel]) -> Any:
    """What a form says of its entries: a model that is asked to fill it in reads their types and descriptions."""
    try:
        return model.model_json_schema()
    except Exception:  # noqa: BLE001 - a user's type need not have a JSON schema
        return sorted(model.model_fields)


def message(item: BaseMessage) -> dict[str, Any]:
    """One message as {"role", "content"} with "name", "tool_calls" and "tool_call_id" where it has them."""
    role = getattr(item, "role", "") or ROLES.get(item.type, item.type)
    out: dict[str, Any] = {"role": role, "content": plain(item.content)}
    for name in ("name", "tool_calls", "tool_call_id"):
        value = getattr(item, name, None)
        if value:
            out[name] = plain(value)
    return out


def canonical(value: Any) -> str:
    """The one spelling of JSON data that digests are taken of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    """sha-256 of the canonical JSON, hex."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
