"""Prebuilt agents: one graph each, whose model node speaks with the prompt that its maker is given."""

from __future__ import annotations

from dataclasses import replace

from harness.discover.expressions import Evaluator
from harness.discover.items import iterated
from harness.discover.messages import event
from harness.discover.objects import Invocation
from harness.discover.values import (
    NOTHING,
    Agent,
    Data,
    Function,
    Graph,
    Message,
    Model,
    Seq,
    Table,
    Text,
    Value,
    join,
    one_string,
)

_NODES = {
    "create_react_agent": "agent", "create_agent": "model", "create_supervisor": "supervisor",
    "create_deep_agent": "model", "async_create_deep_agent": "model",
}  # fmt: skip
_PROMPTS = ("prompt", "system_prompt", "state_modifier", "messages_modifier", "instructions")


def is_agent(name: str) -> bool:
    """Whether a function of this name makes a prebuilt agent."""
    return name in _NODES


def agent(reader: Evaluator, name: str, call: Invocation) -> Value:
    """The agent that a call makes; the agents that it is told of as dicts are noted too."""
    made = _made(reader, name, _NODES[name], call, _chosen(name, call), _prompt(name, call))
    for table in (a for item in _all(call.argument(-1, "subagents")) for a in item if isinstance(a, Table)):
        given = join(table.entries.get(key, NOTHING) for key in _PROMPTS)
        if given:
            own = table.entries.get("model", NOTHING)
            inner = one_string(table.entries.get("name", NOTHING)) or "subagent"
            reader.agents.append(_made(reader, name, inner, call, own or _chosen(name, call), given))
    return (made,)


def swarm(reader: Evaluator, call: Invocation) -> Value:
    """``create_swarm``: a graph to be compiled; its agents are listed where they are made."""
    return (Graph(call.where),)


def _chosen(name: str, call: Invocation) -> Value:
    given = call.argument(1 if name == "create_supervisor" else 0, "model")
    return tuple(a for a in given if not isinstance(a, Seq))  # early deep agents take their tools first


def _prompt(name: str, call: Invocation) -> Value:
    given = call.argument(-1, *_PROMPTS)
    if not given and name.endswith("deep_agent"):
        given = join(tuple(a for a in arg if isinstance(a, Text)) for arg in call.args[1:3])
    written = [a for item in _all(call.argument(-1, "middleware")) for a in item if isinstance(a, Function)]
    return join((given, tuple(f for f in written if f.tag == "dynamic_prompt")))


def _all(value: Value) -> list[Value]:
    return [item for atom in value if isinstance(atom, Seq) for item in iterated((atom,))]


def _made(reader: Evaluator, what: str, node: str, call: Invocation, chosen: Value, prompt: Value) -> Agent:
    models = tuple(a for a in chosen if isinstance(a, Model))
    written = one_string(chosen)
    if not models and written:
        provider, _, identity = written.rpartition(":")
        models = (Model(provider, identity, (), call.where),)
    passed = Invocation(call.where, call.source, call.node, call.scope, ((Data("state"),),), {})
    texts = join(reader.apply(a, passed) if isinstance(a, Function) else (a,) for a in prompt)
    role = "system" if any(isinstance(a, Text) for a in texts) else ""
    told = event(call.where, what, models, (Message(role, texts),) if texts else NOTHING, None)
    tools = call.argument(-1, "tools") if what == "create_supervisor" or "deep" in what else call.argument(1, "tools")
    told = replace(told, steers=join((told.steers, tools, call.argument(-1, "response_format"))))
    last = getattr(call.node, "end_lineno", None) or 0
    file, _, line = call.where.partition(":")
    return Agent(node, file, int(line), last, what, told)
