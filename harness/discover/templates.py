"""Prompt templates and chains of runnables: what their messages are and what fills them."""

from __future__ import annotations

from harness.discover.expressions import Evaluator
from harness.discover.items import iterated
from harness.discover.messages import as_message, sent
from harness.discover.objects import Invocation
from harness.discover.texts import concatenated, templated
from harness.discover.values import Atom, Chain, Message, Seq, Table, Template, Text, Value, one_string
from harness.types import TemplateKind


def chat_template(reader: Evaluator, call: Invocation) -> Value:
    """``ChatPromptTemplate``, made from a list of messages."""
    kind = template_kind(call)
    items = [item for value in (call.argument(0, "messages"),) for item in iterated(value)]
    found: list[Message] = []
    for item in items:
        for atom in item:
            message = atom if isinstance(atom, Message) else None
            if isinstance(atom, Seq | Table):
                message = as_message(atom)
            elif isinstance(atom, Text):
                message = Message("human", (atom,))
            elif isinstance(atom, Template):
                found += atom.messages
            if message:
                found.append(message if isinstance(atom, Message) else as_template(message, kind, call))
    return (Template(tuple(found)),)


def as_template(message: Message, kind: TemplateKind, call: Invocation) -> Message:
    """The message with its text read as a template of this kind."""
    content: list[Atom] = []
    for atom in message.content:
        if isinstance(atom, Text):
            fragments = tuple(templated(f, kind, f"{call.where} {call.source}") for f in atom.fragments)
            atom = Text(fragments, None, atom.embedded)
        content.append(atom)
    return Message(message.role, tuple(content))


def template_kind(call: Invocation) -> TemplateKind:
    """The kind that ``template_format`` names; LangChain's own default is that of ``str.format``."""
    written = one_string(call.argument(-1, "template_format")) or "f-string"
    return "format" if written == "f-string" else "jinja"


def from_template(reader: Evaluator, call: Invocation) -> Value:
    """A template of one message, its role read from the class."""
    role = next((r for word, r in (("System", "system"), ("AI", "ai")) if word in call.source), "human")
    return (Template((as_template(Message(role, call.argument(0, "template")), template_kind(call), call),)),)


def filled(reader: Evaluator, template: Template, call: Invocation) -> Value:
    """The messages that a template makes when it is filled in; what is filled in may be authored too."""
    inputs = [*call.args, *call.kwargs.values()]
    inner = [Text(tuple(sent(value))) for value in inputs]
    filling = concatenated([(text,) for text in inner], None)
    items: list[Value] = [(message,) for message in template.messages]
    return (Seq([*items, (Text((), None, filling.fragments),)], exact=False),)


def steps(value: Chain) -> list[Value]:
    """The steps of a chain in order, chains in chains opened."""
    flat: list[Value] = []
    for step in value.steps:
        chains = [atom for atom in step if isinstance(atom, Chain)]
        if chains and len(step) == 1:
            flat += steps(chains[0])
        else:
            flat.append(step)
    return flat
