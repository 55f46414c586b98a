"""Methods of models, templates, chains, graphs and agents: where model calls and nodes are noted."""

from __future__ import annotations

import ast
from dataclasses import replace
from itertools import islice

from harness.discover.chatmodels import asks_unknown, bound, client_call, record, steered
from harness.discover.containers import container_method
from harness.discover.edges import WIRES, chain, destinations, wire
from harness.discover.loaders import from_environment
from harness.discover.messages import as_message, messages, sent
from harness.discover.modules import Modules
from harness.discover.objects import Invocation
from harness.discover.paths import opened_method, path_method
from harness.discover.templates import added_templates, filled, steps, template_method
from harness.discover.values import (
    NOTHING,
    Added,
    Agent,
    Atom,
    Chain,
    Class,
    Const,
    Data,
    External,
    FilePath,
    Function,
    Graph,
    Instance,
    Method,
    Model,
    Opaque,
    Opened,
    Record,
    Scope,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
    tells,
)

INVOKES = {
    "invoke", "ainvoke", "stream", "astream", "batch", "abatch", "astream_events", "generate", "agenerate", "predict",
    "apredict", "run", "arun", "transform", "astream_log", "__call__",
}  # fmt: skip
_SPEAKS = {  # further methods of model objects that are no runnables
    "generate_content", "generate_content_async", "send_message", "send_message_async", "send_message_stream",
    "predict_messages", "apredict_messages",
}  # fmt: skip
_INPUTS = ("input", "messages", "prompt", "message", "contents")
_LONGEST = 200  # steps of a chain that are followed
_CHANGES = {"append", "insert", "extend", "update", "setdefault"}  # of lists and dicts
_FILLS = {"format", "aformat", "format_messages", "aformat_messages", "format_prompt", "aformat_prompt"}


class Runnables(Modules):
    """Calls methods. ``reached`` holds the graphs run by the code being read."""

    reached: list[Graph | Agent]

    def method(self, of: Atom, name: str, call: Invocation, source: str) -> Value:
        """The result of ``of.name(...)`` for what is no object of the repository; ``source`` is the code of ``of``."""
        if isinstance(of, Table | FilePath) and name in ("get_template", "select_template", "from_string"):
            return from_environment(self, of, name, call)
        if isinstance(of, Text | Seq | Table):
            self.changes += name in _CHANGES and any(map(tells, call.args))
            return container_method(of, name, call)
        if isinstance(of, FilePath):
            return path_method(of, name, call.args, call.where, self.literals)
        if isinstance(of, Opened):
            return opened_method(of, name, call.where, self.literals)
        if isinstance(of, Graph | Agent):
            return self._graph_method(of, name, call)
        if isinstance(of, Model | Chain | Template | Function) and name == "pipe":
            return (Chain(((of,), *call.args)),)
        if isinstance(of, Model):
            return self._model_method(of, name, call)
        if isinstance(of, Template):
            fills = name in INVOKES or name in _FILLS
            return filled(self, of, call) if fills else template_method(of, name, call)
        if isinstance(of, Chain):
            return self._run_chain(of, call) if name in INVOKES else (of,)
        if isinstance(of, Function):
            return self.apply(of, call) if name in INVOKES else (of,)
        if isinstance(of, Instance):  # what its foreign bases do: their fields are filled by name
            of.attributes.update(call.kwargs if name == "__init__" else {})
            return (Data(),)
        return self._unknown_method(of, name, call, source)

    def add_templates(self, left: Value, right: Value, node: ast.expr, scope: Scope) -> Value:
        """``left + right`` where a prompt template or a message is among them."""
        call = Invocation(f"{scope.file}:{node.lineno}", "+", node, scope, (left, right), {})
        return added_templates(left, right, call)

    def _model_method(self, of: Model, name: str, call: Invocation) -> Value:
        if name in INVOKES or name in _SPEAKS:
            record(
                self,
                call,
                (of,),
                join(call.args[:1]) or call.argument(-1, "input", "messages", "prompt", "message", "contents"),
            )
            return (Data(),)
        if name == "start_chat":
            return (of,)
        if name == "bind":
            return (bound(of, call),)
        if name == "with_fallbacks":
            return (of, *(a for arg in call.args for a in arg if isinstance(a, Seq) for a in a.any()))
        if name in ("bind_tools", "with_structured_output"):
            return (steered(of, call.argument(0, "tools", "schema")),)
        return (of,) if name.startswith(("with_", "bind", "configurable", "as_")) else (Data(),)

    def _run_chain(self, chain: Chain, call: Invocation) -> Value:
        """Pass the input through the steps; whatever was gathered reaches the first model met."""
        pending: Value = join(call.args[:1])
        prompted = False
        for step in islice(steps(chain), _LONGEST):
            models = tuple(a for a in step if isinstance(a, Model))
            if models:
                record(self, call, models, pending)
                pending = (Data(),)
                continue
            unknown = all(isinstance(atom, Data | Opaque) for atom in step)
            if unknown and (prompted or any(m.role for m in messages(pending))):
                record(self, call, (), pending)  # what takes a prompt is a model that is not known
                pending, prompted = (Data(),), False
                continue
            prompted = any(isinstance(atom, Template) for atom in step)
            pending = join([self._chain_step(atom, pending, call) for atom in step])
        return pending

    def _chain_step(self, atom: Atom, pending: Value, call: Invocation) -> Value:
        passed = Invocation(call.where, call.source, call.node, call.scope, (pending,), {})
        if isinstance(atom, Template):
            return filled(self, atom, passed)
        if isinstance(atom, Function | Class | Method | Instance):
            return self.apply(atom, passed)
        if isinstance(atom, Table):
            inner = (a for value in atom.entries.values() for a in value if isinstance(a, Chain | Function))
            results = [self.method(a, "invoke", passed, call.source) for a in inner]
            return join((pending, *results))
        if isinstance(atom, Agent):
            return self._graph_method(atom, "invoke", passed)
        if isinstance(atom, Data | Opaque):  # what it makes of the inputs of a template is not known
            return (atom, *(a for a in pending if not isinstance(a, Table) or as_message(a)))
        return pending

    def _graph_method(self, of: Graph | Agent, name: str, call: Invocation) -> Value:
        what = f"the {of.what} of {of.file}:{of.line}" if isinstance(of, Agent) else f"the graph of {of.where}"
        if name in INVOKES:
            self.subgraphs.append(f"{what} at {call.where}")
            self.reached.append(_told(of, call) if isinstance(of, Agent) else of)
            return (Data(),)
        if isinstance(of, Agent):
            return (of,)
        if name == "add_node":
            self._add_node(of, call.argument(0, "node"), call.argument(1, "action"), call)
        elif name == "add_sequence":
            before = len(of.nodes)
            for item in (item for atom in call.argument(0) if isinstance(atom, Seq) for item in atom.items):
                pairs = [a.items for a in item if isinstance(a, Seq) and len(a.items) == 2]
                first, second = pairs[0] if pairs else (item, NOTHING)
                self._add_node(of, first, second, call)
            chain(of, before, call)
        elif name in WIRES:
            wire(of, name, call)
        elif name == "compile":
            return (Graph(of.where, of.nodes, True, of.wires),)
        return (of,)

    def _add_node(self, graph: Graph, first: Value, second: Value, call: Invocation) -> None:
        name = one_string(first)
        action = second if name is not None or second else first
        if name is None:
            names = [a.name for a in action if isinstance(a, Function)] or [_class_name(a) for a in action]
            name = names[0] if names else ast.unparse(call.node)[:40]
        arguments = call.node.args if isinstance(call.node, ast.Call) else []
        source = ast.unparse(arguments[-1])[:60] if arguments else call.source
        line = int(call.where.rpartition(":")[2])
        graph.nodes.append(Added(name, call.scope.file, line, action, source, graph.where))
        destinations(graph, name, call)

    def _unknown_method(self, of: Atom, name: str, call: Invocation, source: str) -> Value:
        """Something we know nothing of is invoked: a model when its name or what it is given says so."""
        if isinstance(of, Data | Opaque | Method) and asks_unknown(call):
            return client_call(self, "", call)
        if name in INVOKES and isinstance(of, Data | Opaque | Record | Const):
            authored = any(message.role == "system" for arg in call.args for message in messages(arg))
            last = source.rpartition(".")[2].lower()
            if authored or any(word in last for word in ("llm", "chat_model", "chatmodel")) or last == "model":
                record(self, call, (), join(call.args[:1]))
        return (Opaque(call.source, call.where),) if isinstance(of, Opaque) else (Data(),)


def _told(agent: Agent, call: Invocation) -> Agent:
    """The agent with the authored texts that it is given to start with."""
    given = join(call.args[:1]) or call.argument(-1, "input")
    fragments = dict.fromkeys((*agent.event.fragments, *sent(given)))
    return replace(agent, event=replace(agent.event, fragments=tuple(fragments)))


def _class_name(atom: Atom) -> str:
    if isinstance(atom, External):
        return {"ToolNode()": "tools"}.get(atom.path.rpartition(".")[2], atom.path)
    if isinstance(atom, Instance):
        return atom.of.node.name
    return atom.name if isinstance(atom, Method | Agent) else "LangGraph"
