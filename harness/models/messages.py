"""LangChain messages as the plain role and text that a chat template takes.

What the model cannot read is refused in words, never dropped. This module knows nothing of templates or tokens.
"""

from __future__ import annotations

from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, HumanMessage, SystemMessage

_ROLES = {SystemMessage: "system", HumanMessage: "user", AIMessage: "assistant"}


def plain(message: BaseMessage) -> dict[str, str]:
    """Role and content. Raises ValueError for tools, images and roles that the model does not know."""
    role = _role(message)
    if role not in _ROLES.values():
        raise ValueError(
            f"a model that runs here cannot read a {role!r} message; it takes system, human and ai messages"
        )
    if isinstance(message, AIMessage) and message.tool_calls:
        raise ValueError("a model that runs here cannot read an ai message with tool calls; it knows no tools")
    return {"role": role, "content": _text(message)}


def _role(message: BaseMessage) -> str:
    if isinstance(message, ChatMessage):
        return message.role
    return next((role for kind, role in _ROLES.items() if isinstance(message, kind)), message.type)


def _text(message: BaseMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = []
    for block in message.content:
        if isinstance(block, str):
            parts.append(block)
        elif block.get("type") == "text":
            parts.append(str(block["text"]))
        else:
            raise ValueError(
                f"a model that runs here reads text only, not a content block of type {block.get('type')!r}"
            )
    return "".join(parts)
