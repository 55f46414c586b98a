"""What calls of installed packages mean: chat models, messages, templates, graphs, agents, and a little of the standard
library. With templates.py and loaders.py the only file that knows such names. Unknown calls give an Opaque with their
place.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from harness.discover.agents import agent, is_agent, swarm
from harness.discover.chatmodels import (
    client_call,
    client_model,
    is_chat_model,
    is_client_call,
    is_client_model,
    model,
    provider_of,
)
from harness.discover.expressions import Evaluator
from harness.discover.items import iterated
from harness.discover.legacy import HANDLERS as LEGACY_CALLS
from harness.discover.loaders import HANDLERS as LOADER_CALLS
from harness.discover.loaders import is_loader, load
from harness.discover.messages import MESSAGE_CLASSES, messages
from harness.discover.objects import Invocation
from harness.discover.paths import foreign_path
from harness.discover.posts import dumped, is_post, post
from harness.discover.templates import HANDLERS as TEMPLATE_CALLS
from harness.discover.texts import overridden, step_all, variable_of
from harness.discover.values import (
    NOTHING,
    Atom,
    Chain,
    Const,
    Data,
    External,
    Function,
    Graph,
    Message,
    Module,
    Opaque,
    Record,
    Seq,
    Table,
    Template,
    Text,
    Value,
    join,
    one_string,
    strings,
)

_SAME = {
    "list",
    "tuple",
    "sorted",
    "reversed",
    "deepcopy",
    "copy",
    "trim_messages",
    "filter_messages",
    "run",
    "wait_for",
}
_SAME |= {"create_task", "ensure_future", "shield", "merge_message_runs", "iter", "next"}
_SAME_TEXT = {"str", "dedent", "cleandoc", "indent"}
_CALLS_FIRST = {"to_thread", "submit", "map", "starmap", "call_soon", "run_coroutine_threadsafe"}


def foreign(reader: Evaluator, path: str, call: Invocation) -> Value:
    """The value of calling ``path``, a dotted name of an installed package."""
    name = path.rsplit(".", 1)[-1]
    for fits, made in _BY_PATH:
        if fits(path):
            return made(reader, path, call)
    handler = _HANDLERS.get(".".join(path.split(".")[-2:])) or _HANDLERS.get(name)
    if handler:
        return handler(reader, call)
    if name in MESSAGE_CLASSES:
        return (Message(MESSAGE_CLASSES[name], call.argument(0, "content")),)
    if is_agent(name):
        return agent(reader, name, call)
    if name in _SAME:
        return join(call.args)
    if name in _SAME_TEXT and call.args:
        texts = [a for a in call.args[0] if isinstance(a, Text)]
        return tuple(Text(step_all(t.fragments, [f"{call.where} {name}()"]), None, t.embedded) for t in texts) or (
            Data(),
        )
    if name in _CALLS_FIRST and call.args:
        return _call_first(reader, call)
    found = foreign_path(name, call.args)
    if found is not None:
        return found
    if name[:1].isupper():
        return (External(f"{path}()"),)
    return (Data(),) if path.startswith("builtins.") else (*_passed_on(call), Opaque(call.source, call.where))


def _passed_on(call: Invocation) -> Value:
    """Messages given to a function of a library, which most likely converts or trims them."""
    given = [a for arg in call.args for a in arg if isinstance(a, Seq | Message | Template)]
    return tuple(atom for atom in given if next(messages((atom,)), None))


# ---- handlers by name ------------------------------------------------------------------------------------------------


def _graph(reader: Evaluator, call: Invocation) -> Value:
    return (Graph(call.where),)


def _partial(reader: Evaluator, call: Invocation) -> Value:
    bound: list[Atom] = []
    for atom in call.argument(0):
        if isinstance(atom, Function):
            kwargs = tuple(call.kwargs.items())
            atom = Function(atom.node, atom.scope, (*atom.args, *call.args[1:]), (*atom.kwargs, *kwargs), atom.tag)
        bound.append(atom)
    return tuple(bound)


def _default(reader: Evaluator, call: Invocation) -> Value:
    default = call.argument(0, "default")
    made = [reader.apply(a, _with(call, (), {})) for a in call.argument(-1, "default_factory")]
    return join((default, *made)) or (Data(),)


def _environment(reader: Evaluator, call: Invocation) -> Value:
    name = one_string(call.argument(0, "key")) or "a variable"
    default = call.argument(1, "default")
    hop = f"{call.where} {overridden(name)}"
    found: list[Atom] = []
    for atom in default:
        if isinstance(atom, Text):
            atom = Text(step_all(atom.fragments, [hop]), atom.static, atom.embedded, name)
        elif isinstance(atom, Const):  # to edit it would do nothing where the variable is set
            atom = Const(atom.static, None, name)
        found.append(atom)
    return tuple(found) or (Data(variable=name),)


def _number(reader: Evaluator, call: Invocation) -> Value:
    """A number as it is, or as the text of an environment variable says."""
    found: list[Atom] = []
    for atom in call.argument(0):
        if isinstance(atom, Text) and atom.static is not None and (name := variable_of((atom,))):
            with contextlib.suppress(ValueError):
                found.append(Const((int if call.source == "int" else float)(atom.static), None, name))
        elif isinstance(atom, Const) or (isinstance(atom, Data) and atom.variable):
            found.append(atom)
    return tuple(found) or (Data(),)


def _getattr(reader: Evaluator, call: Invocation) -> Value:
    name = one_string(call.argument(1))
    found = [reader.attribute(a, name, call.source) for a in call.argument(0)] if name else []
    return join((*found, call.argument(2))) or (Data(),)


def _setattr(reader: Evaluator, call: Invocation) -> Value:
    name = one_string(call.argument(1))
    for atom in call.argument(0) if name else ():
        reader.set_attribute(atom, name or "", call.argument(2))
    return NOTHING


def _call_first(reader: Evaluator, call: Invocation) -> Value:
    items = [join(iterated(arg)) for arg in call.args[1:]] if call.source.endswith("map") else list(call.args[1:])
    return join(reader.apply(atom, _with(call, tuple(items), call.kwargs)) for atom in call.args[0]) or (Data(),)


def _with(call: Invocation, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Invocation:
    return Invocation(call.where, call.source, call.node, call.scope, args, kwargs)


def _executor(reader: Evaluator, call: Invocation) -> Value:
    return _call_first(reader, _with(call, call.args[1:], {})) if len(call.args) > 1 else (Data(),)


def _gather(reader: Evaluator, call: Invocation) -> Value:
    return (Seq(list(call.args)),)


def _import_module(reader: Evaluator, call: Invocation) -> Value:
    """``importlib.import_module`` of a module of the repository."""
    found: list[Atom] = []
    for name in strings(call.argument(0, "name")):
        level = len(name) - len(name.lstrip("."))
        file = reader.files.module(name.lstrip("."), level, call.scope.file)
        found.append(Module(file) if file else External(name))
    return tuple(found) or (Opaque(call.source, call.where),)


def _second(reader: Evaluator, call: Invocation) -> Value:
    return call.argument(1, "val")


def _both(reader: Evaluator, call: Invocation) -> Value:
    return (Seq([item for arg in call.args for item in iterated(arg)], exact=False),)


def _sequence(reader: Evaluator, call: Invocation) -> Value:
    return (Chain(call.args),)


def _update(reader: Evaluator, call: Invocation) -> Value:
    if not call.argument(-1, "graph"):
        reader.gotos.append(("goto", call.argument(-1, "goto"), call.where))
    return call.argument(-1, "update") or (Data(),)


def _dict(reader: Evaluator, call: Invocation) -> Value:
    copied = [a for arg in call.args for a in arg if isinstance(a, Table)]
    return (Table({k: v for t in copied for k, v in t.entries.items()} | call.kwargs),)


def _chain_map(reader: Evaluator, call: Invocation) -> Value:
    tables = [a for arg in reversed(call.args) for a in arg if isinstance(a, Table)]
    return (Table({k: v for t in tables for k, v in t.entries.items()}, join(t.rest for t in tables)),)


def _first(reader: Evaluator, call: Invocation) -> Value:
    return call.argument(0, "func")


def _runtime(reader: Evaluator, call: Invocation) -> Value:
    made = join(reader.apply(a, _with(call, (), {})) for a in call.argument(0))
    return (Record({"context": made}),)


def _send(reader: Evaluator, call: Invocation) -> Value:
    reader.gotos.append(("send", call.argument(0, "node"), call.where))
    return (External("Send()"),)


def _tool_node(reader: Evaluator, call: Invocation) -> Value:
    reader.tools.append(call.argument(0, "tools"))
    return _nothing(reader, call)


def _tool(reader: Evaluator, call: Invocation) -> Value:
    """A tool made of a function, with the texts that it is described by."""
    named = {"func": 0, "name": -1, "description": -1, "args_schema": -1}
    found = {key: call.argument(place, key) for key, place in named.items()}
    return (Record({**found, "func": found["func"] or call.argument(-1, "coroutine")}),)


def _nothing(reader: Evaluator, call: Invocation) -> Value:
    return (External(f"{call.source}()"),)


def _chat_model(reader: Evaluator, path: str, call: Invocation) -> Value:
    return (model(reader, path, call, provider_of(path.rsplit(".", 1)[-1])),)


_BY_PATH: tuple[tuple[Callable[[str], bool], Callable[[Evaluator, str, Invocation], Value]], ...] = (
    (is_client_call, client_call),
    (is_client_model, client_model),
    (is_chat_model, _chat_model),
    (is_loader, load),
    (is_post, post),
)
_HANDLERS: dict[str, Callable[[Evaluator, Invocation], Value]] = {
    **TEMPLATE_CALLS, **LOADER_CALLS, "environ.get": _environment, "json.dumps": dumped,
    "StateGraph": _graph, "MessageGraph": _graph, "graph.Graph": _graph,
    "partial": _partial, "partialmethod": _partial, "RunnableLambda": _first,
    "RunnableCallable": _first, "coerce_to_runnable": _first, "create_swarm": swarm,
    "field": _default, "Field": _default, "getenv": _environment, "builtins.float": _number,
    "builtins.int": _number, "getattr": _getattr,
    "setattr": _setattr, "ChainMap": _chain_map,
    "import_module": _import_module,
    "run_in_executor": _executor, "gather": _gather, "cast": _second, "RunnableSequence": _sequence, "Command": _update,
    "RunnableParallel": _dict, "add_messages": _both, "dict": _dict,
    "types.Content": _dict, "types.Part": _dict, "Part.from_text": _dict, "GenerateContentConfig": _dict,
    "get_runtime": _runtime, "MessagesPlaceholder": _nothing, "ToolNode": _tool_node,
    **LEGACY_CALLS, "Send": _send, "StructuredTool.from_function": _tool,
}  # fmt: skip
