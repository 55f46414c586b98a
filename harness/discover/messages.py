"""From the argument of a model call to the authored texts in it, with their roles. Knows the ways to write messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from harness.discover.texts import SENTENCE, has_words
from harness.discover.values import (
    CallEvent,
    Chain,
    Fragment,
    Message,
    Model,
    Opaque,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
    strings,
)
from harness.types import Span

ROLES = {
    "system": "system", "developer": "system", "human": "human", "user": "human", "ai": "ai", "assistant": "ai",
    "tool": "tool", "function": "tool", "placeholder": "", "model": "ai",
}  # fmt: skip
MESSAGE_CLASSES = {"SystemMessage": "system", "HumanMessage": "human", "AIMessage": "ai", "ToolMessage": "tool"}
_FAILURE = re.compile(r"\W*(error|failed|failure|could not|couldn't|cannot|unable to|exception)\b", re.IGNORECASE)
_ROW = re.compile(r"[:.]\d+(\.|$)")  # an item of a list, by the keys that lead to it
_PICTURES = {"image_url", "image", "input_image", "file", "input_file", "audio", "input_audio", "document", "media"}
_FILLED_IN = 3  # words below which a text filled into another is a value, not a prompt


def sent(value: Value, role: str = "human", seen: set[object] | None = None) -> Iterator[Fragment]:
    """Authored texts of a model's input, in order; a bare string is a human message.

    ``seen`` holds the containers that were entered: what many of them share is told once.
    """
    seen = set() if seen is None else seen
    for atom in value:
        if isinstance(atom, Seq | Table | Template | Message):
            if (id(atom), role) in seen:
                continue
            seen.add((id(atom), role))
        if isinstance(atom, Text):
            yield from (replace(f, role=role) for f in atom.fragments)
            yield from (replace(f, role=role) for f in atom.embedded if _counts(f))
        elif isinstance(atom, Message):
            yield from sent(atom.content, atom.role or role, seen)
        elif isinstance(atom, Template):
            yield from sent(tuple(atom.messages), role, seen)
            filling = sent(join(atom.filling), "human", seen)
            yield from (replace(f, role=role) for f in filling if _counts(f))
        elif isinstance(atom, Seq | Table):
            yield from _inside(atom, role, seen)


def _counts(filled: Fragment) -> bool:
    """Whether a text that is filled into another is a prompt too: no short value, word of a failure or row of data."""
    if filled.kind == "json" and _ROW.search(filled.id):
        return False
    first = next((part for part in filled.parts if isinstance(part, str)), "")
    return has_words(filled.parts, _FILLED_IN) and not _FAILURE.match(first)


def _inside(atom: Seq | Table, role: str, seen: set[object]) -> Iterator[Fragment]:
    message = as_message(atom)
    if message:
        yield from sent(message.content, message.role or role, seen)
    elif isinstance(atom, Seq):
        yield from (f for item in atom.items for f in sent(item, role, seen))
    elif one_string(atom.entries.get("type", ())) not in _PICTURES:
        yield from sent(join(atom.entries.values()), role, seen)


def as_message(atom: Seq | Table) -> Message | None:
    """The message that a pair ("system", text) or a dict with role and content stands for."""
    if isinstance(atom, Table):
        if "content" in atom.entries and "role" in atom.entries:
            roles = [ROLES.get(name, "") for name in strings(atom.entries["role"])]
            return Message(roles[0] if roles else "", atom.entries["content"])
        if "parts" in atom.entries:  # as Google's clients write messages
            roles = [ROLES.get(name, "") for name in strings(atom.entries.get("role", ()))]
            return Message(roles[0] if roles else "", atom.entries["parts"])
        block = one_string(atom.entries.get("type", ())) == "text" or set(atom.entries) == {"text"}
        if "text" in atom.entries and block:
            return Message("", atom.entries["text"])
        return None
    if atom.exact and len(atom.items) == 2:
        role = one_string(atom.items[0])
        if role in ROLES:
            return Message(ROLES[role], atom.items[1])
    return None


def messages(value: Value, seen: set[int] | None = None) -> Iterator[Message]:
    """The messages of a value, inside lists and templates too; ``seen`` as in ``sent``."""
    seen = set() if seen is None else seen
    for atom in value:
        if isinstance(atom, Message):
            yield atom
        elif isinstance(atom, Template):
            yield from atom.messages
        elif isinstance(atom, Seq | Table) and id(atom) not in seen:
            seen.add(id(atom))
            message = as_message(atom)
            if message:
                yield message
            else:
                inner = atom.items if isinstance(atom, Seq) else list(atom.entries.values())
                yield from (m for item in inner for m in messages(item, seen))


def event(where: str, what: str, models: tuple[Model, ...], value: Value, span: Span | None) -> CallEvent:
    """The call of ``models`` with ``value``; names what could not be read in it."""
    fragments = tuple(f for f in dict.fromkeys(sent(value)) if not _lays_out(f, where))
    unknown = [
        f"system message made by {opaque.what} at {opaque.where}"
        for message in messages(value)
        if message.role == "system" and not list(sent(message.content))
        for opaque in _opaques(message.content)
    ]
    if not fragments and not unknown:
        unknown = [f"input made by {opaque.what} at {opaque.where}" for opaque in _opaques(value)]
    steers = join(model.steers for model in models)
    return CallEvent(where, what, models, fragments, tuple(dict.fromkeys(unknown)), span, steers)


def _lays_out(fragment: Fragment, where: str) -> bool:
    """Whether a text only gives data its form: it is written in a loop over items that ends before the call."""
    if fragment.loop is None or (not fragment.filled and has_words(fragment.parts, SENTENCE)):
        return False
    file, _, line = where.rpartition(":")
    return file != fragment.span.file or not fragment.loop[0] <= int(line) <= fragment.loop[1]


def _opaques(value: Value, seen: set[int] | None = None) -> Iterator[Opaque]:
    seen = set() if seen is None else seen
    for atom in value:
        if isinstance(atom, Opaque):
            yield atom
        elif isinstance(atom, Message | Seq | Chain) and id(atom) not in seen:
            seen.add(id(atom))
            inner = atom.items if isinstance(atom, Seq) else atom.steps if isinstance(atom, Chain) else (atom.content,)
            yield from (o for item in inner for o in _opaques(item, seen))
