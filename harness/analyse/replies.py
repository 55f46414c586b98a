"""What a call replied: its text, the arguments of the tool that it had to call, or the names of the tools it asks for.

Knows calls only, of any provider; not what a reply should have been.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness.types import Call, Json

_FORMS = ("response_format", "format", "response_schema", "response_json_schema")  # parameters that hold a schema
_FREE = ("text", "json_object")  # formats that say nothing of keys
_ANY = ("any", "required")  # choices of a tool that leave open which


def answered(call: Call) -> bool:
    """Whether the call brought a reply."""
    return not call.error


def reply(call: Call) -> str:
    """What a call gave: its text, else what it asks tools for.

    A tool that had to be called is a form to fill in, and the reply is its arguments as JSON. Of tools that the model
    chose it is the names: an asked tool is an answer as a label is, and a case can say which one is right.
    """
    if call.text.strip():
        return call.text
    asked = _asked(call)
    if len(asked) == 1 and _forced(call):
        return json.dumps(asked[0].get("args") or {}, ensure_ascii=False)
    return ", ".join(str(tool.get("name")) for tool in asked) or call.text


def shaped(call: Call) -> bool:
    """Whether the request itself fixes the shape of the reply, by a schema or by a tool that must be called."""
    return _forced(call) or any(_is_schema(call.parameters.get(name)) for name in _FORMS)


def _asked(call: Call) -> Sequence[Mapping[str, Any]]:
    generations = call.response.get("generations") or [{}]
    return generations[0].get("message", {}).get("data", {}).get("tool_calls") or []


def _forced(call: Call) -> bool:
    """Whether one certain tool had to be called: named by the choice, or the only one where one had to be."""
    choice = call.parameters.get("tool_choice")
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    if kind in _ANY:
        return len(call.parameters.get("tools") or ()) == 1
    return isinstance(choice, Mapping) and kind in ("function", "tool")


def _is_schema(form: Json) -> bool:
    """Whether a parameter holds more than the name of a format."""
    return isinstance(form, Mapping) and form.get("type") not in _FREE
