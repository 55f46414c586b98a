"""Schemas as LangChain's users name them, and answers in their form as objects. Knows nothing of models or tokens."""

from __future__ import annotations

import json
from functools import partial
from operator import itemgetter
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel


def form_of(schema: dict[str, Any] | type) -> dict[str, Any]:
    """As OpenAI's ``response_format`` has it. Raises ValueError for what is no schema."""
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        whole = schema.model_json_schema()
    elif isinstance(schema, dict) and "type" in schema:
        whole = schema
    else:
        whole = convert_to_json_schema(schema)
    return {"type": "json_schema", "json_schema": {"name": whole.get("title", "answer"), "schema": whole}}


def parsed(model: Runnable[Any, Any], schema: dict[str, Any] | type, *, include_raw: bool) -> Runnable[Any, Any]:
    """The model, its answer read; with ``include_raw`` the message, what was read, and what went wrong."""
    reader = RunnableLambda(partial(_read, schema))
    if not include_raw:
        return model | reader
    read = RunnablePassthrough.assign(parsed=itemgetter("raw") | reader, parsing_error=lambda _: None)
    unread = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=model) | read.with_fallbacks([unread], exception_key="parsing_error")


def _read(schema: dict[str, Any] | type, message: BaseMessage) -> Any:
    try:
        if isinstance(schema, type) and issubclass(schema, BaseModel):
            return schema.model_validate_json(message.text)
        return json.loads(message.text)
    except ValueError as error:
        cut = message.response_metadata.get("finish_reason") == "length"
        why = "it was cut off at max_tokens" if cut else str(error)
        raise OutputParserException(f"the answer is not in the wanted form: {why}", llm_output=message.text) from error
