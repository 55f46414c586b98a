"""Calls of a model over plain HTTP: a chat request that is posted as JSON, without any client of a provider."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.discover.chatmodels import client_call
from harness.discover.expressions import Evaluator
from harness.discover.messages import messages
from harness.discover.objects import Invocation
from harness.discover.values import Opaque, Table, Text, Value

_POSTS = re.compile(r"^(requests|httpx|aiohttp|niquests)\.(\w+\(\)\.)?(post|request|stream)$")
_CHATS = re.compile(
    r"/(chat/completions|completions|v1/messages|responses|api/chat|api/generate)\b|:\w*[gG]enerateContent"
)
_SEARCHES = re.compile(r"perplexity|tavily|serper|exa\.ai")  # services that answer with what they found
_ASKS = {"messages", "prompt", "contents", "input"}


def is_post(path: str) -> bool:
    """Whether the dotted name sends an HTTP request with a body."""
    return bool(_POSTS.search(path))


def post(reader: Evaluator, path: str, call: Invocation) -> Value:
    """Note the request as a model call where its address or its body says so."""
    address = " ".join(_written(arg) for arg in (*call.args[:2], call.argument(-1, "url")))
    for body in (a for a in call.argument(-1, "json", "data", "content") if isinstance(a, Table)):
        asks = _ASKS & body.entries.keys()
        chats = _CHATS.search(address) or ("model" in body.entries and _speaks(body))
        if asks and chats and not _SEARCHES.search(address):
            return client_call(reader, "http", replace(call, args=(), kwargs=body.entries))
    return (Opaque(call.source, call.where),)


def dumped(reader: Evaluator, call: Invocation) -> Value:
    """``json.dumps``: of the body of a request, the body itself."""
    bodies = [a for a in call.argument(0, "obj") if isinstance(a, Table) and _ASKS & a.entries.keys()]
    return (*bodies, Opaque(call.source, call.where))


def _written(value: Value) -> str:
    """What of a text is written in the code."""
    texts = [a for a in value if isinstance(a, Text)]
    pieces = [p for t in texts for f in (*t.fragments, *t.embedded) for p in f.parts if isinstance(p, str)]
    return " ".join([*pieces, *(t.static for t in texts if t.static)])


def _speaks(body: Table) -> bool:
    return any(message.role for message in messages(body.entries.get("messages", ())))
