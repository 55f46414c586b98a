"""Prompt templates and chains of runnables: what their messages are and what fills them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from harness.discover.expressions import Evaluator
from harness.discover.items import iterated
from harness.discover.messages import MESSAGE_CLASSES, as_message, sent
from harness.discover.objects import Invocation
from harness.discover.texts import concatenated, filling, templated
from harness.discover.values import (
    Atom,
    Chain,
    External,
    Message,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
)
from harness.types import TemplateKind

_KINDS: dict[str, TemplateKind] = {"f-string": "format", "jinja2": "jinja", "mustache": "mustache"}


def chat_template(reader: Evaluator, call: Invocation) -> Value:
    """``ChatPromptTemplate``, made from a list of messages."""
    made = Template([], _partials(call))
    add_messages(made, [item for item in iterated(call.argument(0, "messages"))], template_kind(call), call)
    return (made,)


def add_messages(template: Template, items: list[Value], kind: TemplateKind, call: Invocation) -> None:
    """Put further messages into a chat template, each written in one of the ways that it takes."""
    for atom in (atom for item in items for atom in item):
        if isinstance(atom, Message):  # a message object is no template: its braces are text
            template.add([atom])
        elif isinstance(atom, Template):
            template.add([replace(m, role=m.role or "human") for m in atom.messages], atom.filling)
        elif isinstance(atom, Text):
            template.add([as_template(Message("human", (atom,)), kind, call)])
        elif isinstance(atom, Seq | Table):
            message = _of_class(atom) or as_message(atom)
            if message and (message.role or isinstance(atom, Table)):  # a pair without a role is a placeholder
                template.add([as_template(message, kind, call)])


def _of_class(atom: Seq | Table) -> Message | None:
    """The message that a pair of a message class and a text stands for."""
    if isinstance(atom, Seq) and len(atom.items) == 2:
        for kind in atom.items[0]:
            role = MESSAGE_CLASSES.get(kind.path.rpartition(".")[2]) if isinstance(kind, External) else None
            if role:
                return Message(role, atom.items[1])
    return None


def added_templates(left: Value, right: Value, call: Invocation) -> Value:
    """``left + right`` where one of them is a prompt template or a message."""
    templates = [a for a in left if isinstance(a, Template)]
    roles = {m.role for t in templates for m in t.messages}
    if roles == {""}:  # a PromptTemplate and what is added make one text
        pieces = join(m.content for t in templates for m in t.messages)
        kind: TemplateKind = next((f.template for a in pieces if isinstance(a, Text) for f in a.fragments), "format")
        others = [as_template(Message("", (a,)), kind, call) for a in right if isinstance(a, Text)]
        others += [m for a in right if isinstance(a, Template) for m in a.messages]
        whole = concatenated([pieces, *(m.content for m in others)], None)
        return (Template([Message("", (whole,))], [v for t in templates for v in t.filling]),)
    made = Template([])
    for side in (left, right):
        items = [item for a in side for item in (a.items if isinstance(a, Seq) and not as_message(a) else [(a,)])]
        add_messages(made, items, "format", call)
    return (made,)


def as_template(message: Message, kind: TemplateKind, call: Invocation) -> Message:
    """The message with its text read as a template of this kind, in its blocks too."""
    return replace(message, content=_as_template(message.content, kind, f"{call.where} {call.source}"))


def _as_template(value: Value, kind: TemplateKind, hop: str) -> Value:
    found: list[Atom] = []
    for atom in value:
        if isinstance(atom, Text):
            atom = Text(tuple(templated(f, kind, hop) for f in atom.fragments), None, atom.embedded)
        elif isinstance(atom, Seq):
            atom = Seq([_as_template(item, kind, hop) for item in atom.items], atom.exact)
        elif isinstance(atom, Table) and "text" in atom.entries:
            atom = Table({**atom.entries, "text": _as_template(atom.entries["text"], kind, hop)}, atom.rest)
        found.append(atom)
    return tuple(found)


def template_kind(call: Invocation) -> TemplateKind:
    """The kind that ``template_format`` names; LangChain's own default is that of ``str.format``."""
    return _KINDS.get(one_string(call.argument(-1, "template_format")) or "f-string", "format")


def from_template(reader: Evaluator, call: Invocation) -> Value:
    """A template of one message, its role read from the class; none of its own for a ``PromptTemplate``."""
    given = call.argument(0, "template", "prompt")
    return (string_template(given, template_kind(call), call),)


def string_template(given: Value, kind: TemplateKind, call: Invocation) -> Template:
    """The template of the class that ``call`` names, with this text."""
    message = as_template(Message(_role(call), tuple(a for a in given if not isinstance(a, Template))), kind, call)
    inner = [a for a in given if isinstance(a, Template)]
    content = join((message.content, *(m.content for t in inner for m in t.messages)))
    return Template([replace(message, content=content)], [*_partials(call), *(v for t in inner for v in t.filling)])


def _role(call: Invocation) -> str:
    name = call.source.partition(".from_")[0].rpartition(".")[2]
    if name in ("PromptTemplate", "FewShotPromptTemplate"):
        return ""
    return next((role for word, role in (("System", "system"), ("AI", "ai")) if word in name), "human")


def few_shot(reader: Evaluator, call: Invocation) -> Value:
    """``FewShotPromptTemplate``: the texts around the examples, the form of one, and the texts in them."""
    kind = template_kind(call)
    around = [as_template(Message("", call.argument(-1, name)), kind, call).content for name in ("prefix", "suffix")]
    forms = [m.content for a in call.argument(-1, "example_prompt") if isinstance(a, Template) for m in a.messages]
    whole = concatenated([around[0], *forms, around[1]], None)
    return (Template([Message("", (whole,))], [*_partials(call), call.argument(-1, "examples")]),)


def _partials(call: Invocation) -> list[Value]:
    tables = [a for a in call.argument(-1, "partial_variables") if isinstance(a, Table)]
    return [value for table in tables for value in table.entries.values()]


def template_method(of: Template, name: str, call: Invocation) -> Value:
    """The result of a method of a template that does not fill it in; ``append`` and ``extend`` change it in place."""
    if name == "partial":
        return (Template(list(of.messages), [*of.filling, *call.kwargs.values()]),)
    if name == "append":
        add_messages(of, list(call.args[:1]), "format", call)
    elif name == "extend":
        add_messages(of, list(iterated(join(call.args[:1]))), "format", call)
    return (of,)


def filled(reader: Evaluator, template: Template, call: Invocation) -> Value:
    """The messages that a template makes when it is filled in; what is filled in may be authored too."""
    inputs = [*call.args, *call.kwargs.values(), *template.filling]
    inner = filling([(Text(tuple(sent(value))),) for value in inputs])
    items: list[Value] = [(message,) for message in template.messages]
    return (Seq([*items, (Text((), None, inner),)], exact=False),)


def steps(value: Chain) -> Iterator[Value]:
    """The steps of a chain in order, chains in chains opened."""
    todo = list(reversed(value.steps))
    while todo:
        step = todo.pop()
        alone = step[0] if len(step) == 1 else None
        if isinstance(alone, Chain):
            todo += reversed(alone.steps)
        else:
            yield step


HANDLERS: dict[str, Callable[[Evaluator, Invocation], Value]] = {
    "from_messages": chat_template, "ChatPromptTemplate": chat_template,
    "from_template": from_template, "PromptTemplate": from_template, "SystemMessagePromptTemplate": from_template,
    "HumanMessagePromptTemplate": from_template, "AIMessagePromptTemplate": from_template,
    "ChatMessagePromptTemplate": from_template, "FewShotPromptTemplate": few_shot,
}  # fmt: skip
