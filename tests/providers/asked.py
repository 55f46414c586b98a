"""What a model is asked and what it says, whatever the protocol. Plain data; knows no provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request for a reply."""

    messages: tuple[tuple[str, str], ...]  # role and text, the system's first
    tools: Mapping[str, Json] = field(default_factory=dict)  # name -> JSON schema of the arguments
    schema: Json | None = None  # of the JSON that the reply must be
    must_call: bool = False  # a tool is to be called whatever is said
    temperature: float = 1.0
    stream: bool = False
    model: str = "toy"

    @property
    def prompt(self) -> str:
        """All that was said, in one text."""
        return "\n\n".join(text for _, text in self.messages)


@dataclass(frozen=True)
class Said:
    """A reply: a text, tools to be called with their arguments, or a refusal with an HTTP status."""

    text: str = ""
    calls: tuple[tuple[str, Json], ...] = ()
    status: int = 200
    broken: str = ""  # "cut": the body ends in the middle of its JSON; "drip": it comes in small pieces


Answer = Callable[[Asked], Said]


def tokens(asked: Asked, said: Said) -> tuple[int, int]:
    """In and out, counted as words."""
    out = said.text.split() + [word for name, given in said.calls for word in f"{name} {given}".split()]
    return len(asked.prompt.split()), len(out)


def content(value: Any) -> str:
    """The text of a message's content, which may be a list of parts."""
    if isinstance(value, list):
        return "".join(str(part.get("text") or part.get("content") or "") for part in value)
    return str(value or "")
